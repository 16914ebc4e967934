"""Quotations are found in any key and tempo, and not where there are none."""

import random
from dataclasses import replace

from engine.notes import Note, Phrase
from models.quotation import Quotations


def melody(seed: int, notes: int) -> Phrase:
    rng = random.Random(seed)
    onset_s, pitch, played = 0.0, 60, []
    for _ in range(notes):
        played.append(Note(round(onset_s, 3), pitch, 0.3, 64))
        onset_s += rng.choice([0.25, 0.5, 0.75, 1.0])
        pitch = min(96, max(36, pitch + rng.choice([-7, -5, -4, -2, 2, 3, 4, 5, 9])))
    return Phrase(tuple(played))


def moved(phrase: Phrase, semitones: int, stretch: float) -> Phrase:
    return Phrase(tuple(replace(n, pitch=n.pitch + semitones, onset_s=n.onset_s * stretch) for n in phrase.notes))


def test_a_quotation_is_found_in_another_key_and_tempo() -> None:
    known = melody(1, 400)
    excerpt = moved(Phrase(known.notes[100:130]), -3, 1.2)
    assert Quotations([melody(2, 400), known]).longest_run_notes(excerpt) == 30


def test_strangers_share_only_little() -> None:
    assert Quotations([melody(1, 400), melody(2, 400)]).longest_run_notes(melody(3, 60)) < 8


def test_tiny_phrases_quote_nothing() -> None:
    assert Quotations([melody(1, 50)]).longest_run_notes(Phrase(())) == 0
