"""Variations of a book are recognised, and other playing is not."""

from __future__ import annotations

from dataclasses import replace

from engine.music.notes import Note, Phrase
from models.performers.quotation.quotation import Quotations
from models.performers.quotation.recognition import recognition
from tests.engine.phrases import wandering

PIECES = [wandering(seed, 3.0, 60.0) for seed in range(3)]
BOOK = Quotations.of(PIECES)


def passage(piece: Phrase, first: int, count: int, semitones: int = 0) -> Phrase:
    notes = piece.notes[first : first + count]
    start_s = notes[0].onset_s
    return Phrase(tuple(replace(n, onset_s=n.onset_s - start_s, pitch=n.pitch + semitones) for n in notes))


def test_passages_are_recognised_in_any_key_and_strangers_are_not() -> None:
    known = recognition([passage(piece, 20, 40, semitones) for semitones, piece in enumerate(PIECES)], BOOK)
    assert known.share == 1.0
    assert known.by_heart > 0.9
    strange = recognition([wandering(seed, 3.0, 20.0) for seed in range(50, 60)], BOOK)
    assert strange.share == 0.0
    assert strange.middle_notes < known.middle_notes


def test_a_variation_lies_between() -> None:
    strangers = [_later(wandering(90 + number, 3.0, 10.0), 30.0) for number in range(len(PIECES))]
    half = [Phrase((*passage(piece, 20, 20).notes, *more)) for piece, more in zip(PIECES, strangers, strict=True)]
    found = recognition(half, BOOK)
    assert found.share == 1.0
    assert 0.2 < found.by_heart < 0.8
    assert recognition([], BOOK).share == 0.0


def _later(phrase: Phrase, seconds: float) -> list[Note]:
    return [replace(note, onset_s=note.onset_s + seconds) for note in phrase.notes]
