"""Streams added up: all of them, sides apart, in the block in which they sound."""

from __future__ import annotations

import numpy as np
import pytest

from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.sums import added


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_last_object_is_the_sum_of_all(count: int) -> None:
    server = ManualServer(2, seed=1)
    try:
        sources, memories = zip(*(server.source(2) for _ in range(count)), strict=True)
        sound = np.random.default_rng(1).uniform(-0.1, 0.1, (count, 2, STEP_FRAMES)).astype(np.float32)
        sums = added(sources)
        sums[-1].out(0)
        server.settle()
        for memory, sides in zip(memories, sound, strict=True):
            for side in range(2):
                memory[side][:] = sides[side]
        heard = server.process()
    finally:
        server.close()
    assert len(sums) == count - 1
    assert np.abs(heard.T - sound.sum(axis=0)).max() < 2e-6
