"""Where a mistake of pyo's has to be gone round."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.files.paths import ROOT
from engine.parameters.stems import LAYERS, SAMPLE_RATE_HZ
from engine.sound.layers.delays import safe_delay_s, safe_places
from engine.sound.layers.effects.echo import MOST_DELAY_S
from engine.sound.layers.layers import Layers
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.quiet_pyo import pyo
from tests.engine.sound.layers.test_layers import DRY

BUFFER_FRAMES = round(MOST_DELAY_S * SAMPLE_RATE_HZ)


@given(st.floats(0.05, MOST_DELAY_S))
def test_a_delay_is_never_read_at_the_very_end_of_its_buffer(wanted_s: float) -> None:
    delay_s = safe_delay_s(wanted_s)
    assert abs(delay_s - wanted_s) < 1 / SAMPLE_RATE_HZ
    behind = np.float32(min(delay_s, MOST_DELAY_S)) * np.float32(SAMPLE_RATE_HZ)
    written = np.arange(BUFFER_FRAMES, dtype=np.float32)
    place = written - behind
    place = np.where(place < 0, place + np.float32(BUFFER_FRAMES), place)
    assert place.dtype == np.float32
    assert place.max() < BUFFER_FRAMES


def test_echoes_are_numbers_whatever_lies_beyond_their_memory() -> None:
    """Freed memory is full of NaN here, and lies around the echoes' buffers."""
    freed = [np.full(length, np.nan, np.float32) for length in [3_000_000, *range(95_800, 96_300, 20)] * 4]
    del freed
    layers = Layers(seed=1)
    rng = np.random.default_rng(1)
    try:
        for delay_s in (0.3, 0.6, 0.7):
            values = DRY | {"/layer/cello/delay": 1.0, "/effects/delay_s": delay_s, "/effects/delay_feedback": 0.1}
            for _ in range(2 * BUFFER_FRAMES // STEP_FRAMES):
                dry = 1e-3 * rng.standard_normal((2 * len(LAYERS), STEP_FRAMES), dtype=np.float32)
                assert np.isfinite(layers.process(dry, values, "D")).all()
                assert layers.nonfinite == 0
    finally:
        layers.close()


GLIDING = """
import numpy as np
from engine.parameters.stems import LAYERS
from engine.sound.layers.layers import Layers
from engine.sound.layers.manual_server import STEP_FRAMES
from tests.engine.sound.layers.test_layers import DRY
layers, rng = Layers(seed=1), np.random.default_rng(1)
on = DRY | {f"/layer/{layer}/{name}": 0.4 for layer in LAYERS for name in ("chorus", "tape")}
for _ in range(12):
    layers.process(1e-3 * rng.standard_normal((2 * len(LAYERS), STEP_FRAMES), dtype=np.float32), on, "D")
print(layers.nonfinite)
"""


def test_what_glides_is_a_number_whatever_lies_beyond_its_memory() -> None:
    """The C library fills freed memory with NaN here (mallopt(3))."""
    environment = {**os.environ, "MALLOC_PERTURB_": "255"}
    told = subprocess.run(
        [sys.executable, "-c", GLIDING], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert told.stdout.splitlines()[-1:] == ["0"], told.stderr


def test_places_that_glide_stay_beside_whole_frames() -> None:
    server = ManualServer(2, 1)
    try:
        glide = pyo.Sig(server.frame, mul=1e-6, add=0.014)
        parts = safe_places(glide)
        parts[-1].out(0)
        one = pyo.Sig(1.0)
        one.out(1)
        places_s, ones = server.process().T  # the server's own level is a little under 1
        places_s = places_s / ones
        frames = places_s.astype(np.float64) * SAMPLE_RATE_HZ
        assert frames == pytest.approx((0.014 + 1e-6 * np.arange(STEP_FRAMES)) * SAMPLE_RATE_HZ, abs=2e-3)
        behind = places_s * np.float32(SAMPLE_RATE_HZ)
        assert (behind - np.floor(behind)).min() > 2e-4
        assert (np.float32(1920) - (behind - np.floor(behind)) < np.float32(1920)).all()
    finally:
        server.close()
