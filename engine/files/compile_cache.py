"""Where compiled loops and the plotting library keep their files, for a user who may only read the code."""

from __future__ import annotations

import hashlib
import os
import platform
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

from engine.files.paths import ROOT
from engine.files.state_folder import base_folder

VARIABLES: Final = {"NUMBA_CACHE_DIR": "compiled", "MPLCONFIGDIR": "matplotlib"}
_LOOPS: Final = ROOT / "models"
_WITH_LOOPS: Final = (ROOT / "engine", _LOOPS)


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


def is_compiled(part: str) -> bool:
    """Whether the loops of a part, "phrases" or "textures", were compiled as they are, for this processor.

    It can be asked without the compiler, whose import alone takes a second and 20 MB.
    """
    return _mark(part).exists()


def note_compiled(part: str) -> None:
    """From now on `is_compiled`, where the cache can be written."""
    mark = _mark(part)
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        for old in mark.parent.glob(f"{part}-*.compiled"):
            old.unlink()
        mark.touch()


def _mark(part: str) -> Path:
    """Lies among what was compiled, so that whoever removes that removes it, too."""
    folder = Path(os.environ["NUMBA_CACHE_DIR"]) if os.environ.get("NUMBA_CACHE_DIR") else _LOOPS / "__pycache__"
    return folder / f"{part}-{_fingerprint()}.compiled"


def _fingerprint() -> str:
    """Of code, compiler and processor: what the compiler itself asks before it takes what lies in its cache."""
    sources = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(_LOOPS.rglob("*.py"))]
    chosen = [os.environ.get(name, "") for name in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")]
    compiler = (platform.python_version(), version("numba"), version("llvmlite"))
    return hashlib.sha256(repr((sources, chosen, compiler, _processor())).encode()).hexdigest()[:12]


def _processor() -> list[str]:
    """Its name and what it can, as Linux tells of the first core; the name alone elsewhere."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text("utf-8").split("\n\n")[0].splitlines()
        return [line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))]
    return [platform.machine(), platform.processor()]


def _code_is_writable() -> bool:
    caches = [folder / "__pycache__" for folder in _WITH_LOOPS]
    places = [cache if cache.is_dir() else cache.parent for cache in caches]
    return all(os.access(place, os.W_OK | os.X_OK) for place in places)
