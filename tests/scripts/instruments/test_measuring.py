"""What a recording is measured for is what was put into it."""

from __future__ import annotations

import numpy as np

from scripts.instruments.measuring import beginning, ending, falls_db_per_s, level_db
from scripts.instruments.tuning import cents_off

RATE_HZ = 48_000


def note(length_s: float, falls_db_per_s: float, pause_s: float = 0.2, cents: float = 0.0) -> np.ndarray:
    """A tone of A4 after a pause, over noise at -90 dB."""
    time_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    hz = 440.0 * 2 ** (cents / 1200)
    tone = 0.5 * np.sin(2 * np.pi * hz * time_s) * 10 ** (-falls_db_per_s * time_s / 20)
    sound = np.concatenate([np.zeros(round(pause_s * RATE_HZ)), tone])
    sound += 10 ** (-90 / 20) * np.random.default_rng(1).standard_normal(sound.size)
    return sound.astype(np.float32)[:, None]


def test_a_note_begins_with_its_attack_and_ends_in_its_noise() -> None:
    sound = note(9.0, 20.0)
    start = beginning(sound, RATE_HZ)
    assert abs(start / RATE_HZ - 0.197) < 0.002
    assert 3.0 < (ending(sound, RATE_HZ, start) - start) / RATE_HZ < 4.5
    assert abs(level_db(sound, RATE_HZ, start) - -14.0) < 4.0


def test_one_that_was_cut_off_is_told_from_one_that_died_away() -> None:
    assert abs(falls_db_per_s(note(2.0, 8.0, 0.0), RATE_HZ) - 8.0) < 0.5
    assert falls_db_per_s(note(9.0, 20.0, 0.0), RATE_HZ) == 0.0


def test_tuning_is_found_to_the_cent() -> None:
    for cents in (-14, 0, 9):
        assert abs(cents_off(note(2.0, 3.0, 0.0, cents)[:, 0], RATE_HZ, 69) - cents) <= 1.0
