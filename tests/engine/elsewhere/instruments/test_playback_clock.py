"""A word that comes late moves the clock little, and a card that runs at a rate of its own is followed."""

from __future__ import annotations

import numpy as np
import pytest

from engine.elsewhere.instruments.playback_clock import PlaybackClock
from engine.reels.format import REEL_FRAMES, REEL_S


def follow(rate_ppm: float, late_s: float, reels: int = 400) -> np.ndarray:
    """Errors in seconds of where the clock says that reels begin; words come late by up to `late_s`."""
    chance, clock = np.random.default_rng(1), PlaybackClock()
    errors = []
    for number in range(reels):
        true_s = number * REEL_S * (1.0 + rate_ppm / 1e6)
        said_s = true_s + late_s * chance.random() ** 2
        clock.restart(number, said_s) if number == 0 else clock.follow(number, said_s)
        errors.append(clock.time_s(number * REEL_FRAMES) - true_s)
    return np.array(errors)


@pytest.mark.parametrize("rate_ppm", [-100.0, 0.0, 100.0])
def test_late_words_are_smoothed(rate_ppm: float) -> None:
    errors = follow(rate_ppm, late_s=0.010)
    assert np.percentile(np.abs(errors[10:]), 95) < 0.002
    raw = 0.010 * np.random.default_rng(1).random(400) ** 2
    assert np.percentile(raw, 95) > 0.008, "control: without the clock"


def test_one_word_that_is_very_late_moves_nothing_much() -> None:
    clock = PlaybackClock()
    clock.restart(0, 0.0)
    clock.follow(1, REEL_S + 0.040)
    assert clock.time_s(REEL_FRAMES) == pytest.approx(REEL_S, abs=0.002)


def test_a_jump_is_followed_at_once() -> None:
    clock = PlaybackClock()
    clock.restart(0, 0.0)
    clock.follow(1, REEL_S + 3.0)
    assert clock.time_s(REEL_FRAMES) == REEL_S + 3.0
    assert clock.frame(REEL_S + 4.0) == pytest.approx(REEL_FRAMES + 48_000)
