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


@pytest.mark.parametrize("frequency_hz", [55.0, 440.0, 2500.0])
def test_a_loud_tone_falls_as_threshold_and_ratio_say(frequency_hz: float) -> None:
    sound = tone(frequency_hz, 0.5, 40)
    with insert_bench(Compressor) as bench:
        heard = bench.play(sound, {"compressor": 1.0})
    end = slice(-4 * STEP_FRAMES, None)
    over_db = 20 * np.log10(0.5) + 36
    expected_db = -0.75 * over_db + 0.75 * 0.4 * 36  # four to one, and its share of makeup
    assert level_db(heard[end]) - level_db(sound[end]) == pytest.approx(expected_db, abs=0.7)


def test_coming_in_and_going_out_again_it_does_not_click() -> None:
    sound = tone(110.0, 0.3, 24)
    amounts = [0.0] * 4 + [1.0] * 8 + [0.0] * 12
    with insert_bench(Compressor) as bench:
        heard = np.concatenate(
            [
                bench.play(sound[step * STEP_FRAMES : (step + 1) * STEP_FRAMES], {"compressor": amount})
                for step, amount in enumerate(amounts)
            ]
        )
    assert np.abs(np.diff(heard, n=2, axis=0)).max() < 3 * np.abs(np.diff(sound, n=2, axis=0)).max()
    assert np.abs(heard[-4 * STEP_FRAMES :] - sound[-4 * STEP_FRAMES :]).max() < INAUDIBLE


def test_the_quiet_side_falls_with_the_loud_one() -> None:
    sound = tone(440.0, 0.5, 24)
    sound[:, 1] *= 0.1
    with insert_bench(Compressor) as bench:
        heard = bench.play(sound, {"compressor": 1.0})[-4 * STEP_FRAMES :]
    assert np.abs(heard[:, 1] - 0.1 * heard[:, 0]).max() < 1e-4
