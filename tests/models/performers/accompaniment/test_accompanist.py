"""The shipped Transformer accompanies: the melody stays, the harmony is the one that is held."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from engine.music.held_chord import chord_weights
from engine.music.notes import Note, Phrase
from models.common.weights import weights_path
from models.performers.accompaniment.accompanist import SOFTER, accompanied
from models.performers.accompaniment.given_melody import BELOW
from models.performers.drawing.performer import Conditioning, Performer

MELODY = tuple(
    Note(0.613 * number, pitch, 0.55, 70 + 5 * (number % 3))
    for number, pitch in enumerate((74, 78, 81, 79, 78, 76, 74, 78, 76, 74, 73, 74))
)


@cache
def performer(name: str) -> Performer:
    return Performer(name, weights_path(name))


@pytest.mark.parametrize("name", ["rolls_transformer", "satie"])
def test_the_melody_is_kept_note_for_note_and_something_goes_with_it(name: str) -> None:
    phrase = accompanied(performer(name), MELODY, 3, Conditioning(density_notes_per_s=3.0))
    assert set(MELODY) <= set(phrase.notes)
    rest = [note for note in phrase.notes if note not in MELODY]
    assert len(rest) >= 6
    lowest = min(note.pitch for note in MELODY)
    assert all(note.pitch <= max(n.pitch for n in MELODY) - BELOW for note in rest)
    assert np.mean([note.pitch < lowest for note in rest]) > 0.9
    assert max(note.velocity for note in rest) <= max(note.velocity for note in MELODY) - SOFTER + 4
    end_s = max(note.end_s for note in MELODY)
    assert all(note.onset_s >= 0 and note.duration_s > 0 and note.end_s <= end_s + 0.05 for note in rest)
    assert phrase == accompanied(performer(name), MELODY, 3, Conditioning(density_notes_per_s=3.0))
    assert phrase != accompanied(performer(name), MELODY, 4, Conditioning(density_notes_per_s=3.0))


def share_in(phrase: Phrase, classes: set[int]) -> float:
    rest = [note for note in phrase.notes if note not in MELODY]
    return float(np.mean([note.pitch % 12 in classes for note in rest]))


def test_a_chord_that_is_held_is_heard() -> None:
    chord = (38, 54, 57)
    held, free = (
        [
            share_in(
                accompanied(performer("rolls_transformer"), MELODY, seed, Conditioning(pitch_class_weights=weights)),
                {2, 6, 9},
            )
            for seed in range(2)
        ]
        for weights in (chord_weights(chord), None)
    )
    assert np.mean(held) > 0.75
    assert np.mean(held) > np.mean(free) + 0.15, "the control"


def test_nothing_is_not_accompanied() -> None:
    with pytest.raises(ValueError, match="needs a melody"):
        accompanied(performer("satie"), (), 1, Conditioning())
