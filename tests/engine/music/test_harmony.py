"""Dissonance between lines: what rubs, what is excused, and how a note is settled."""

import pytest

from engine.music.harmony import clashes, lowest_during, pedalled, ring_s, settle
from engine.music.notes import Note, PedalSpan


def held(pitch: int, onset_s: float = 0.0, duration_s: float = 4.0) -> Note:
    return Note(onset_s, pitch, duration_s, 60)


@pytest.mark.parametrize("interval", [1, 11, 13, -1, -11, -13])
def test_seconds_sevenths_and_ninths_rub(interval: int) -> None:
    assert clashes(held(60 + interval), [held(60)]) == [held(60)]


@pytest.mark.parametrize("interval", [0, 3, 4, 5, 7, 8, 9, 10, 12, 14, 15, 16])
def test_other_intervals_do_not(interval: int) -> None:
    assert clashes(held(60 + interval), [held(60)]) == []


def test_a_tritone_rubs_against_the_bass_only() -> None:
    assert clashes(held(66), [held(60)])
    assert not clashes(held(66), [held(60), held(50)])


def test_notes_that_hardly_meet_do_not_rub() -> None:
    assert not clashes(held(61, onset_s=3.9), [held(60)])


def test_doubling_what_rubs_already_is_excused() -> None:
    seventh = [held(43), held(66)]
    assert clashes(held(55), [held(66)])
    assert not clashes(held(55), seventh)


def test_settling_moves_shortens_or_drops() -> None:
    late = [held(61, onset_s=2.0)]
    shortened = settle(held(60), late, [62], shortest_s=1.0)
    assert shortened == held(60, duration_s=2.0)
    assert settle(held(60), late, [64], shortest_s=3.0) == held(64)
    assert settle(held(60), late, [62], shortest_s=3.0) is None


def test_lowest() -> None:
    notes = [held(60), held(40, onset_s=2.0)]
    assert lowest_during(notes, 0.0, 1.0) == 60
    assert lowest_during(notes, 0.0, 3.0) == 40


def test_the_pedal_holds_until_lifted_struck_again_or_faded() -> None:
    notes = [held(60, 0.0, 0.5), held(62, 0.0, 0.5), held(62, 1.0, 0.5), held(90, 3.0, 9.0)]
    heard = pedalled(notes, [PedalSpan(0.2, 2.0)])
    assert [note.end_s for note in heard[:3]] == [2.0, 1.0, 2.0]
    assert heard[3].duration_s == ring_s(90) < 9.0


def test_a_pedal_that_goes_down_as_the_key_is_let_go_comes_too_late() -> None:
    phrase_s = 209.862 + 6.419
    (heard,) = pedalled([held(38, 209.862, 6.419)], [PedalSpan(phrase_s - 1e-13, phrase_s + 11.0)])
    assert heard.duration_s < 6.42
