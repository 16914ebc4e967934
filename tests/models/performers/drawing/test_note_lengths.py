"""Bounds on how long keys are held: measured, kept, and kept to."""

from pathlib import Path

import numpy as np
import pytest

from engine.errors import WeightsError
from engine.music.notes import Note, Phrase
from models.performers.drawing.note_lengths import FILE_NAME, USUAL_NOTES_PER_S, NoteLengths, slower
from models.performers.drawing.sampling import Keyboard
from models.performers.vocabulary.events import NOTE_OFF, NOTE_ON, TIME_SHIFT

LENGTHS = NoteLengths(0.05, 1.0, 0.5)


def played(lengths_s: np.ndarray) -> Phrase:
    return Phrase(tuple(Note(i / USUAL_NOTES_PER_S, 60, float(s), 60) for i, s in enumerate(lengths_s)))


def test_they_are_measured_on_what_is_learnt_and_as_often_as_it_is() -> None:
    rng = np.random.default_rng(1)
    short, long = played(0.06 + rng.exponential(0.2, 5_000)), played(0.5 + rng.exponential(1.0, 5_000))
    found = NoteLengths.of([short, long], [1.0, 0.0])
    assert found.shortest_s == pytest.approx(0.06, abs=0.005)
    assert found.long_s == pytest.approx(0.06 + 0.2 * np.log(50), rel=0.1)
    assert found.excess_s == pytest.approx(0.2, rel=0.2)
    assert NoteLengths.of([short, long], [0.0, 1.0]).shortest_s > 0.4


def test_calm_playing_holds_keys_longer_and_is_counted_so() -> None:
    rng = np.random.default_rng(4)
    lengths_s = 0.06 + rng.exponential(0.2, 4_000)
    busy = Phrase(tuple(Note(i / USUAL_NOTES_PER_S, 60, float(s), 60) for i, s in enumerate(lengths_s)))
    factor = float(slower(np.array(2.0)))
    calm = Phrase(tuple(Note(i / 2.0, 60, float(factor * s), 60) for i, s in enumerate(lengths_s)))
    one, other = (NoteLengths.of([piece], [1.0]) for piece in (busy, calm))
    assert other.long_s == pytest.approx(one.long_s, rel=0.05)
    assert LENGTHS.longest_s(0.5, 2.0) == pytest.approx(factor * LENGTHS.longest_s(0.5))


def test_a_keyboard_knows_its_pace() -> None:
    def held_s(strikes_per_s: float) -> float:
        """How long a key may be held that goes down at such a pace."""
        keyboard = Keyboard(lengths=NoteLengths(0.05, 1.0, 0.0))
        for strike in range(40):
            keyboard.take(NOTE_ON + 40 + strike % 40)
            keyboard.take(TIME_SHIFT + round(100 / strikes_per_s) - 1)
            keyboard.take(NOTE_OFF + 40 + strike % 40)
        keyboard.take(NOTE_ON + 90)
        struck_s = keyboard.time_s
        while keyboard.playable()[TIME_SHIFT]:
            keyboard.take(TIME_SHIFT)
        return keyboard.time_s - struck_s

    assert held_s(USUAL_NOTES_PER_S) == pytest.approx(1.0, abs=0.05)
    assert held_s(2.0) == pytest.approx(float(slower(np.array(2.0))), rel=0.15)


def test_they_are_kept_beside_weights_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    assert NoteLengths.beside(weights) is None
    LENGTHS.save(tmp_path / FILE_NAME)
    assert NoteLengths.beside(weights) == LENGTHS
    for text in ("shortest_s: soon", "[1, 2]", "shortest_s: 0.1"):
        (tmp_path / FILE_NAME).write_text(text)
        with pytest.raises(WeightsError, match="note_lengths"):
            NoteLengths.beside(weights)


def test_a_key_is_neither_pecked_nor_forgotten() -> None:
    keyboard = Keyboard(lengths=LENGTHS, rng=np.random.default_rng(2))
    keyboard.take(NOTE_ON + 60)
    assert not keyboard.playable()[NOTE_OFF + 60]
    keyboard.take(TIME_SHIFT + 4)  # 50 ms
    assert keyboard.playable()[NOTE_OFF + 60]
    held_s = 0.05
    while keyboard.playable()[TIME_SHIFT]:
        keyboard.take(TIME_SHIFT + 9)
        held_s += 0.1
    assert held_s > LENGTHS.long_s
    assert np.flatnonzero(keyboard.playable()).tolist() == [NOTE_OFF + 60]


def test_forgotten_keys_are_let_go_as_long_notes_end() -> None:
    rng = np.random.default_rng(3)
    latest_s = np.array([LENGTHS.longest_s(rng.random()) for _ in range(4_000)])
    assert latest_s.min() >= LENGTHS.long_s
    assert latest_s.mean() == pytest.approx(LENGTHS.long_s + LENGTHS.excess_s, rel=0.05)
