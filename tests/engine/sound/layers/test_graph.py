"""pyo's part of the layers, where a mistake of pyo's has to be gone round."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.parameters.stems import SAMPLE_RATE_HZ, STEMS
from engine.sound.layers.graph import MOST_DELAY_S, Graph, safe_delay_s
from engine.sound.layers.manual_server import STEP_FRAMES

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
    graph = Graph(seed=1)
    rng = np.random.default_rng(1)
    try:
        for delay_s in (0.3, 0.6, 0.7):
            for _ in range(2 * BUFFER_FRAMES // STEP_FRAMES):
                sends = 1e-3 * rng.standard_normal((len(STEMS) + 1, STEP_FRAMES), dtype=np.float32)
                heard = graph.process(sends, None, np.zeros(len(STEMS)), delay_s, 0.1)
                assert np.isfinite(heard).all()
    finally:
        graph.close()
