"""Phrases as the measurement of mood changes draws them: of every kind that a conductor asks for."""

from __future__ import annotations

from bench.mood_changes import DrawnPhrases
from engine.music.notes import Note
from engine.music.phrases.store import Request

BEGINNING = tuple(Note(0.5 * number, 60 + number, 0.5, 60) for number in range(8))
END = tuple(Note(0.5 * number, 67 - number, 0.5, 60) for number in range(8))


def test_a_phrase_on_the_way_from_one_to_another_is_drawn_too() -> None:
    request = Request("interpolation", 7, 1.0, 1.0, 2.0, None, 4.0, primer=BEGINNING, towards=END, share=0.5)
    phrase = DrawnPhrases().take(request)
    assert phrase is not None
    assert phrase.notes
    assert phrase.performer == "interpolation"
