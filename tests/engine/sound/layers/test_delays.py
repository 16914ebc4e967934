"""Where a mistake of pyo's has to be gone round."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.parameters.stems import LAYERS, SAMPLE_RATE_HZ
from engine.sound.layers.delays import safe_delay_s
from engine.sound.layers.effects.echo import MOST_DELAY_S
from engine.sound.layers.layers import Layers
from engine.sound.layers.manual_server import STEP_FRAMES
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
