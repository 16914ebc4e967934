"""Density, register, and the growl of a piano's low single notes."""

from __future__ import annotations

import numpy as np
import pytest

from engine.album.measurement.notes_over_time import density_curve, growling_minutes, mean_pitch, register_curve
from engine.music.notes import Note


def steady(pitch: int, every_s: float, length_s: float, start_s: float = 0.0) -> list[Note]:
    return [Note(float(t), pitch, 0.4, 60) for t in np.arange(start_s, start_s + length_s, every_s)]


def test_density_counts_what_begins_around_each_second() -> None:
    notes = [*steady(60, 0.5, 30.0), *steady(60, 0.25, 30.0, 30.0)]
    times_s, density = density_curve(notes, 60.0)
    assert density[times_s == 15.0] == pytest.approx(2.0)
    assert density[times_s == 45.0] == pytest.approx(4.0)


def test_register_weighs_by_velocity_and_knows_nothing_of_silence() -> None:
    notes = [Note(1.0, 60, 1.0, 90), Note(1.0, 72, 1.0, 30)]
    times_s, register = register_curve(notes, 20.0)
    assert register[times_s == 2.0] == pytest.approx(63.0)
    assert np.isnan(register[times_s == 15.0]).all()
    assert np.isnan(mean_pitch(notes, 5.0, 9.0))


def test_a_minute_of_low_single_notes_is_found_and_chords_and_tunes_are_not() -> None:
    low = steady(40, 1.0, 70.0)
    assert growling_minutes(low, 80.0) == [0.0, 10.0, 20.0]
    chords = [*low, *steady(64, 1.0, 70.0)]
    assert growling_minutes(chords, 80.0) == []
    assert growling_minutes(steady(64, 1.0, 70.0), 80.0) == []
    assert growling_minutes([], 80.0) == []
