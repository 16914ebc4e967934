"""A tune found again in any key and at any pace, and not found where only its notes are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.album.measurement.theme_returns import HEARD, by_chance, places_of
from engine.music.notes import Note

PITCHES = (74, 76, 78, 76, 74, 71, 69, 74)
ONSETS_S = (0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 4.0, 5.0)
TUNE = tuple(Note(t, p, 0.5, 70) for t, p in zip(ONSETS_S, PITCHES, strict=True))


def moved(start_s: float, semitones: int = 0, pace: float = 1.0, count: int = len(TUNE)) -> list[Note]:
    return [replace(n, onset_s=start_s + pace * n.onset_s, pitch=n.pitch + semitones) for n in TUNE[:count]]


def test_it_is_found_as_it_was_higher_slower_and_begun() -> None:
    bass = [Note(0.7 * n, 45 + n % 3, 0.6, 50) for n in range(100)]
    other = [Note(50.0 + 0.3 * n, 60 + (n * 5) % 11, 0.3, 60) for n in range(10)]
    piano = sorted([*moved(3.0), *moved(15.0, 12), *moved(30.0, 0, 1.28), *moved(45.0, 0, 1.0, 5), *bass, *other])
    found = places_of(TUNE, piano)
    assert [round(place.start_s) for place in found] == [3, 15, 30, 45]
    assert [place.about for place in found] == ["as it was", "an octave up", "slower", "begun, then otherwise"]
    assert [place.share >= HEARD for place in found] == [True, True, True, False]
    assert found[2].pace == pytest.approx(1.28, abs=0.04)


def test_its_notes_in_another_order_are_the_control() -> None:
    piano = sorted([*moved(3.0), *moved(15.0, 12), *moved(30.0)])
    assert by_chance(TUNE, piano) < HEARD
    backwards = sorted(replace(n, onset_s=8.0 - n.onset_s) for n in TUNE)
    assert places_of(TUNE, backwards) == []
