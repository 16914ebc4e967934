"""Where a phrase ends when another mood begins."""

from __future__ import annotations

from engine.music.conductor.phrase_endings import best_end_s, cut_short
from engine.music.notes import Note, PedalSpan, Score

ONSETS_S = (0.0, 1.0, 2.0, 3.0, 6.0, 7.0, 8.5, 9.0)
SCORE = Score(
    {"piano": tuple(Note(onset, 60, 4.0, 80) for onset in ONSETS_S)}, (PedalSpan(0.5, 9.5), PedalSpan(9.6, 12)), 14.0
)


def test_its_own_end_comes_first() -> None:
    assert best_end_s(SCORE, 9.2, 15.0) == 14.0


def test_else_the_longest_breath() -> None:
    assert best_end_s(SCORE, 1.5, 9.0) == 6.0
    assert best_end_s(SCORE, 6.5, 9.0) == 8.5


def test_else_as_late_as_may_be() -> None:
    assert best_end_s(SCORE, 3.2, 4.0) == 4.0


def test_what_is_cut_rings_out_and_nothing_begins_after() -> None:
    short = cut_short(SCORE, 6.0, ring_s=1.5)
    notes = short.voices["piano"]
    assert [note.onset_s for note in notes] == [0.0, 1.0, 2.0, 3.0]
    assert [note.end_s for note in notes] == [4.0, 5.0, 6.0, 7.0]
    assert short.pedal == (PedalSpan(0.5, 7.5),)
    assert short.length_s == 6.0
