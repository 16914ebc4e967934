"""The compressor alone: both sides fall together, and at nought it is not there."""

from __future__ import annotations

import numpy as np
import pytest

from engine.sound.layers.effects.compressor import Compressor
from engine.sound.layers.manual_server import STEP_FRAMES
from tests.engine.sound.layers.insert_bench import INAUDIBLE, insert_bench, level_db, tone


def test_at_nought_sound_goes_through_as_it_is() -> None:
    sound = tone(440.0, 0.5, 4)
    with insert_bench(Compressor) as bench:
        assert np.abs(bench.play(sound, {"compressor": 0.0}) - sound).max() < INAUDIBLE


@pytest.mark.parametrize(("level", "gain_db"), [(0.5, (-15.0, -5.0)), (0.001, (5.0, 15.0))])
def test_what_is_loud_falls_and_what_is_soft_rises(level: float, gain_db: tuple[float, float]) -> None:
    sound = tone(440.0, level, 24)
    with insert_bench(Compressor) as bench:
        heard = bench.play(sound, {"compressor": 1.0})
    end = slice(-4 * STEP_FRAMES, None)
    assert gain_db[0] < level_db(heard[end]) - level_db(sound[end]) < gain_db[1]


def test_the_quiet_side_falls_with_the_loud_one() -> None:
    sound = tone(440.0, 0.5, 24)
    sound[:, 1] *= 0.1
    with insert_bench(Compressor) as bench:
        heard = bench.play(sound, {"compressor": 1.0})[-4 * STEP_FRAMES :]
    assert np.abs(heard[:, 1] - 0.1 * heard[:, 0]).max() < 1e-4
