"""Whatever processor draws, the networks draw the same codes and classes: every sum has one order and one rounding.

Other processors are played by this one: numba compiles for them, numpy and OpenBLAS leave out what they lack.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from engine.files.paths import ROOT
from tests.models.textures.small_networks import write_small_networks

DRAW = """
import hashlib, sys
from models.textures.drawing import TextureDraw
from models.textures.network_file import load_network
draw = TextureDraw(load_network(sys.argv[1]), "tape", 1, 0.5, seed=4, scale=(0, 4, 7))
while not draw.done:
    draw.advance(20)
drawn = [draw.plans[0].drawing.codes.tobytes(), draw.voices[0].classes.tobytes()]
print(draw.checksum(0), *(hashlib.sha256(part).hexdigest()[:16] for part in drawn))
"""
WITHOUT_512 = {
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL",
    "OPENBLAS_CORETYPE": "Haswell",
}
PROCESSORS = {
    "avx2": {**WITHOUT_512, "NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma,+f16c"},
    "sse2": {**WITHOUT_512, "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
}


def drawn(network: Path, profile: dict[str, str]) -> str:
    run = subprocess.run(
        [sys.executable, "-c", DRAW, str(network)],
        cwd=ROOT,
        env={**os.environ, **profile},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.skipif(platform.machine() != "x86_64", reason="these are x86-64 processors")
def test_all_processors_draw_the_same(tmp_path: Path) -> None:
    network, _ = write_small_networks(tmp_path)
    here = drawn(network, {})
    assert len(here.split()) == 3
    for name, profile in PROCESSORS.items():
        assert drawn(network, profile) == here, name
