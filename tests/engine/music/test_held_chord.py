"""A chord that is held is the harmony of all that begins from now on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.music.held_chord import chord_scale, chord_weights, steered
from engine.music.notes import Note, PedalSpan, Score
from tests.engine.phrases import notes as any_note

SCORE = Score(
    {
        "piano": (Note(0.0, 62, 1.0, 60), Note(0.5, 66, 3.0, 60), Note(2.5, 64, 1.0, 60), Note(3.0, 61, 1.0, 60)),
        "chords": (Note(0.0, 50, 8.0, 40), Note(0.0, 57, 8.0, 40)),
        "drums": (Note(3.0, 38, 0.3, 20),),
    },
    (PedalSpan(0.1, 7.0),),
    8.0,
)


def test_what_begins_later_is_in_the_chord_and_what_was_heard_stays() -> None:
    chord = chord_scale((53, 57, 60))
    assert chord is not None
    found = steered(SCORE, chord, 2.0)
    assert found.voices["piano"][0] == SCORE.voices["piano"][0]
    assert {n.pitch % 12 for n in found.voices["piano"] if n.onset_s >= 2.0} <= {5, 9, 0}
    assert found.voices["drums"] == SCORE.voices["drums"]
    assert found.length_s == SCORE.length_s


def test_what_is_held_moves_along_at_once() -> None:
    chord = chord_scale((53, 57, 60))
    assert chord is not None
    found = steered(SCORE, chord, 2.0)
    pad = found.voices["chords"]
    assert [n.end_s for n in pad if n.onset_s < 2.0] == [2.0, 2.0]
    assert [(n.onset_s, n.end_s) for n in pad if n.onset_s >= 2.0] == [(2.0, 8.0)] * 2
    assert {n.pitch % 12 for n in pad if n.onset_s >= 2.0} <= {5, 9, 0}
    assert all(n.end_s <= 2.0 for n in found.voices["piano"] if n.onset_s < 2.0)
    assert found.pedal[0] == PedalSpan(0.1, 2.0)
    assert found.pedal[1].end_s == 7.0


@given(st.lists(any_note, max_size=20), st.lists(st.integers(21, 108), min_size=1, max_size=6), st.integers(0, 20))
def test_once_more_changes_nothing(piano: list[Note], keys: list[int], now_s: int) -> None:
    chord = chord_scale(keys)
    assert chord is not None
    score = replace(SCORE, voices={"piano": tuple(sorted(piano))}, pedal=())
    once = steered(score, chord, 0.0)
    assert steered(once, chord, 0.0) == once
    assert all(chord.contains(n.pitch) for n in steered(score, chord, now_s).voices["piano"] if n.onset_s >= now_s)


def test_weights_are_for_the_chords_tones() -> None:
    weights = chord_weights((62, 66, 69, 74))
    assert [pitch for pitch, weight in enumerate(weights) if weight == 1.0] == [2, 6, 9]
    assert min(weights) > 0
    assert chord_scale(()) is None
    with pytest.raises(ValueError, match="at least one key"):
        chord_weights(())
