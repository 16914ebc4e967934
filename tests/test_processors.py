"""The same music on every processor: what is drawn by chance comes out the same, byte for byte, on others than this.

NumPy and OpenBLAS are told to take the processor for one without AVX-512. Then they and Numba are told to take it for
one of which they may assume nothing: no wide vectors, no fused multiply-add; half-precision weights, which such a one
cannot widen by itself, are widened by NumPy. OpenBLAS then takes its kernels for Nehalem: those for Prescott, which is
older, end with a signal now and then. Loops are compiled for the second only: what the first would change in them, the
second changes more, and each costs most of a minute.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.files.paths import ROOT
from tests.models.textures.small_networks import write_small_networks

X86 = platform.machine() in ("x86_64", "AMD64")
WITHOUT = ("AVX512", "X86_V4", "AVX2", "FMA3", "F16C", "X86_V3")


def _disabled(beginnings: tuple[str, ...]) -> str:
    """Those of NumPy's instruction sets that may be switched off, and that this processor has."""
    umath: Any = np._core._multiarray_umath  # type: ignore[attr-defined]
    found = [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__.get(name)]
    return " ".join(name for name in found if name.startswith(beginnings))


PROFILES: dict[str, dict[str, str]] = {
    "this one": {},
    "without AVX-512": {
        "NPY_DISABLE_CPU_FEATURES": _disabled(WITHOUT[:2]),
        "OPENBLAS_CORETYPE": "Haswell",
    },
    "any": {
        "NUMBA_CPU_NAME": "generic",
        "NPY_DISABLE_CPU_FEATURES": _disabled(WITHOUT),
        "OPENBLAS_CORETYPE": "Nehalem",
    },
}
if not X86:
    PROFILES = {"this one": {}, "any": {"NUMBA_CPU_NAME": "generic"}}


def _on(network: Path, profile: dict[str, str]) -> dict[str, Any]:
    """What `tests.drawn_music` tells where libraries take the processor for another."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **{key: value for key, value in profile.items() if value}}
    command = [sys.executable, "-W", "ignore", "-m", "tests.drawn_music", str(network)]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    network, _ = write_small_networks(tmp_path_factory.mktemp("networks"))
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(PROFILES, pool.map(partial(_on, network), PROFILES.values()), strict=True))


def test_what_is_drawn_is_the_same(told: dict[str, dict[str, Any]]) -> None:
    own = told["this one"]["drawn"]
    assert {"scores", "album", "codes of a texture", "classes of a texture", "classes on a sketch"} < set(own)
    assert len(set(own.values())) == len(own)
    for name, found in told.items():
        assert found["drawn"] == own, f"another processor ({name}) draws otherwise"


def test_the_processors_are_taken_for_others(told: dict[str, dict[str, Any]]) -> None:
    """The control: libraries did believe it, so that the same music means something."""
    seen = {name: (found["processor"][0], tuple(found["processor"][1:])) for name, found in told.items()}
    assert seen["any"][0] == "generic"
    assert seen["this one"][0] != "generic"
    for name in set(PROFILES) - {"this one"}:
        if PROFILES[name].get("NPY_DISABLE_CPU_FEATURES"):
            assert set(seen[name][1]) < set(seen["this one"][1])
