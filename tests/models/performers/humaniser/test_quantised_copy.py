"""Performances beside their quantised copies."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from engine.music.notes import Note, Phrase
from models.performers.humaniser.quantised_copy import copies, quantised

BEAT_S = 0.6


def waltz(late: Random | None = None, seconds: float = 24.0) -> list[Note]:
    """A bass, a chord and a melody, on the beat or up to 20 ms beside it."""
    notes = []
    for beat in range(int(seconds / BEAT_S)):
        chord = (43, 74) if beat % 3 == 0 else (59, 62, 67)
        for pitch in chord:
            by_s = late.uniform(-0.02, 0.02) if late else 0.0
            notes.append(Note(max(0.0, beat * BEAT_S + by_s), pitch, 0.5, 60 + (beat % 3 == 0) * 20))
    return sorted(notes)


def test_the_copy_of_playing_beside_the_beat_is_on_it() -> None:
    copy = quantised(waltz(Random(1)))
    assert copy is not None
    onsets = sorted({note.onset_s for note in copy.score})
    assert np.diff(onsets) == pytest.approx(BEAT_S, abs=0.03)
    assert 0.005 < np.abs(copy.offsets_s).mean() < 0.02
    assert [n.pitch for n in copy.score] == [n.pitch for n in copy.played]
    assert len({n.velocity for n in copy.score}) == 1, "the copy has no touch at all"


def test_a_score_is_its_own_copy() -> None:
    copy = quantised(waltz())
    assert copy is not None
    assert np.abs(copy.offsets_s).max() < 0.015


def test_a_slow_change_of_tempo_is_the_copys_too() -> None:
    slower = [replace(note, onset_s=note.onset_s + 0.004 * note.onset_s**2) for note in waltz()]
    copy = quantised(slower)
    assert copy is not None
    assert np.abs(copy.offsets_s).mean() < 0.02, "the score slows down with the pianist"


def test_playing_without_a_beat_has_no_copy() -> None:
    rng = Random(2)
    free = sorted(Note(rng.uniform(0, 24), rng.randint(40, 80), 0.4, 60) for _ in range(60))
    assert quantised(free) is None
    assert quantised(waltz()[:10]) is None, "nor has a handful of notes"


def test_a_piece_is_copied_stretch_by_stretch() -> None:
    found = list(copies(Phrase(tuple(waltz(Random(3), 60.0)))))
    assert len(found) == 3, "two of 24 s and the rest"
    assert all(len(copy.score) > 20 for copy in found)
