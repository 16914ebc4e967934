"""Ends of recorded notes: what was cut off goes on as it was, what was cut ends softly."""

from __future__ import annotations

import numpy as np

from engine.sound.voices.note_tails import LONGEST_S, faded, prolonged

RATE_HZ = 48_000


def dying(length_s: float, hz: float = 220.0, falls_db_per_s: float = 6.0) -> np.ndarray:
    time_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    return (np.sin(2 * np.pi * hz * time_s) * 10 ** (-falls_db_per_s * time_s / 20)).astype(np.float32)[None]


def test_a_note_that_was_cut_off_goes_on_as_if_it_had_not_been() -> None:
    whole = dying(6.0)
    again = prolonged(whole[:, : 2 * RATE_HZ], RATE_HZ, 6.0)
    assert again.shape[1] == round(LONGEST_S * RATE_HZ)
    assert np.abs(again[:, : whole.shape[1]] - whole).max() < 1e-4
    slower = prolonged(whole[:, : 2 * RATE_HZ], RATE_HZ, 3.0)
    assert np.abs(slower[:, : whole.shape[1]] - whole).max() > 0.05


def test_it_ends_when_nothing_is_left_of_it() -> None:
    short = prolonged(dying(2.0, falls_db_per_s=40.0), RATE_HZ, 40.0)
    assert short.shape[1] / RATE_HZ < 2.0 + 70.0 / 40.0 + 0.01
    assert np.abs(short[:, -480:]).max() < 1e-5


def test_what_is_too_short_to_have_periods_stays_as_it_is() -> None:
    sound = dying(0.3)
    assert np.array_equal(prolonged(sound, RATE_HZ, 6.0), sound)


def test_a_fade_leaves_the_beginning_alone_and_ends_in_silence() -> None:
    sound = np.ones((2, 6 * RATE_HZ), dtype=np.float32)
    out = faded(sound, RATE_HZ)
    assert np.array_equal(out[:, : 4 * RATE_HZ], sound[:, : 4 * RATE_HZ])
    assert out[0, -1] < 1e-9
    assert (np.diff(out[0, 4 * RATE_HZ :]) <= 0).all()
