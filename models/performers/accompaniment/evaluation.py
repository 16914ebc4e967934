"""Whether a chord that is held is heard in what is played: shares of tones and of consonances, beside no chord."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from engine.music.held_chord import chord_weights
from engine.music.notes import Note, Phrase
from models.performers.accompaniment.accompanist import Accompanist, accompanied
from models.performers.drawing.performer import Conditioning

CONSONANT: Final = frozenset({0, 3, 4, 5, 7, 8, 9})
"""Unison, thirds, fourth, fifth and sixths, in semitones."""
CHORDS: Final = {"D": (38, 54, 57), "Bm": (47, 54, 62), "G": (43, 59, 62), "Em": (40, 55, 59), "A": (45, 57, 64)}
"""Each is held beneath the melody once."""

Following = Callable[[Iterable[int]], Iterable[int]]


@dataclass(frozen=True)
class Heard:
    """Of what goes with a melody: how much of it is in the chord, and consonant with all of the chord's tones; notes
    per melody note, and the share of the melody that is there, note for note."""

    in_chord: float
    consonant: float
    notes: float
    melody_kept: float


def heard(
    performer: Accompanist,
    melody: Sequence[Note],
    conditioning: Conditioning,
    draws: int,
    seed: int = 1,
    following: Following = iter,
) -> dict[str, Heard]:
    """A melody accompanied so often, with each chord held and with none.

    The control, "without", is measured against the same chords: so much is in them anyway.
    """
    with_chord: list[Heard] = []
    without: list[Heard] = []
    for number in following(range(draws)):
        keys = list(CHORDS.values())[number % len(CHORDS)]
        held = replace(conditioning, pitch_class_weights=chord_weights(keys))
        free = replace(conditioning, pitch_class_weights=None)
        with_chord.append(of_phrase(accompanied(performer, melody, seed + number, held), melody, keys))
        without.append(of_phrase(accompanied(performer, melody, seed + number, free), melody, keys))
    return {"with the chord": _mean(with_chord), "without": _mean(without)}


def of_phrase(phrase: Phrase, melody: Sequence[Note], keys: Sequence[int]) -> Heard:
    """One phrase beside its melody and a chord."""
    given = set(melody)
    rest = [note for note in phrase.notes if note not in given]
    classes = {key % 12 for key in keys}
    kept = len(given & set(phrase.notes)) / len(given)
    if not rest:
        return Heard(0.0, 0.0, 0.0, kept)
    inside = np.mean([note.pitch % 12 in classes for note in rest])
    fitting = np.mean([all((note.pitch - key) % 12 in CONSONANT for key in keys) for note in rest])
    return Heard(float(inside), float(fitting), len(rest) / len(given), kept)


def _mean(found: Sequence[Heard]) -> Heard:
    names = [field.name for field in fields(Heard)]
    return Heard(*(float(np.mean([getattr(one, name) for one in found])) for name in names))
