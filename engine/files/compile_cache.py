"""Where compiled loops and the plotting library keep their files, for a user who may only read the code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from engine.files.paths import ROOT
from engine.files.state_folder import base_folder

VARIABLES: Final = {"NUMBA_CACHE_DIR": "compiled", "MPLCONFIGDIR": "matplotlib"}
_WITH_LOOPS: Final = (ROOT / "engine", ROOT / "models")


def choose_caches() -> None:
    """Name caches that can be written in the environment, for this process and those that it starts.

        Numba keeps compiled loops beside the source where it may write there; then no folder is named. A folder that a
    person named stays.
    """
    if _code_is_writable():
        return
    base = base_folder("XDG_CACHE_HOME", ".cache") / "ameublement"
    for variable, name in VARIABLES.items():
        os.environ.setdefault(variable, str(base / name))


def compile_cache() -> Path:
    """The folder that must be writable for loops to be compiled once and not at every start."""
    named = os.environ.get("NUMBA_CACHE_DIR", "")
    return Path(named) if named else ROOT


def _code_is_writable() -> bool:
    caches = [folder / "__pycache__" for folder in _WITH_LOOPS]
    places = [cache if cache.is_dir() else cache.parent for cache in caches]
    return all(os.access(place, os.W_OK | os.X_OK) for place in places)
