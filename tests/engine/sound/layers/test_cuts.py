"""Low cut and high cut alone: out of the way at their ends, twelve decibels an octave elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from engine.sound.layers.cuts import HIGH_OPEN_HZ, LOW_OPEN_HZ, HighCut, LowCut
from engine.sound.layers.effect import Insert
from engine.sound.layers.manual_server import STEP_FRAMES
from tests.engine.sound.layers.insert_bench import INAUDIBLE, insert_bench, level_db, tone

CUTS: list[tuple[type[Insert], str, float]] = [
    (LowCut, "highpass_hz", LOW_OPEN_HZ),
    (HighCut, "lowpass_hz", HIGH_OPEN_HZ),
]


@pytest.mark.parametrize(("kind", "name", "open_hz"), CUTS)
def test_open_it_takes_nothing_at_all(kind: type[Insert], name: str, open_hz: float) -> None:
    sound = tone(60.0, 0.5, 4) + tone(15_000.0, 0.3, 4)
    with insert_bench(kind) as bench:
        assert np.abs(bench.play(sound, {name: open_hz}) - sound).max() < INAUDIBLE


@pytest.mark.parametrize(("kind", "name", "beyond"), [(LowCut, "highpass_hz", 0.25), (HighCut, "lowpass_hz", 4.0)])
def test_two_octaves_beyond_it_takes_twenty_four_decibels(kind: type[Insert], name: str, beyond: float) -> None:
    def gain_db(frequency_hz: float) -> float:
        sound = tone(frequency_hz, 0.3, 10)
        with insert_bench(kind) as bench:
            heard = bench.play(sound, {name: 1000.0})
        return level_db(heard[4 * STEP_FRAMES :]) - level_db(sound[4 * STEP_FRAMES :])

    assert gain_db(1000.0) == pytest.approx(-3.0, abs=0.3)
    assert gain_db(1000.0 * beyond) == pytest.approx(-24.1, abs=1.0)
    assert gain_db(1000.0 / beyond) == pytest.approx(0.0, abs=0.3)


GLIDE = [60.0 * 1.05**step for step in range(20)] + [160.0] * 20
JUMPS = [60.0] * 8 + ([2000.0] * 6 + [20.0] * 6) * 2 + [60.0] * 8


@pytest.mark.parametrize("cuts_hz", [GLIDE, JUMPS], ids=["glide", "jumps"])
def test_a_low_cut_that_moves_does_not_click(cuts_hz: list[float]) -> None:
    sound = tone(220.0, 0.3, len(cuts_hz))
    steps = zip(cuts_hz, np.split(sound, len(cuts_hz)), strict=True)
    with insert_bench(LowCut) as bench:
        heard = np.concatenate([bench.play(step, {"highpass_hz": cut_hz}) for cut_hz, step in steps])
    click = np.abs(np.diff(heard, n=2, axis=0)).max() / np.abs(np.diff(sound, n=2, axis=0)).max()
    assert click < 1.5


def test_a_low_cut_that_has_moved_sounds_as_one_that_was_there() -> None:
    sound = tone(220.0, 0.3, 40)
    steps = zip(GLIDE, np.split(sound, 40), strict=True)
    with insert_bench(LowCut) as bench:
        moved = np.concatenate([bench.play(step, {"highpass_hz": cut_hz}) for cut_hz, step in steps])
    with insert_bench(LowCut) as bench:
        stood = bench.play(sound, {"highpass_hz": GLIDE[-1]})
    end = slice(-8 * STEP_FRAMES, None)
    assert np.abs(moved[end] - stood[end]).max() < INAUDIBLE
