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
