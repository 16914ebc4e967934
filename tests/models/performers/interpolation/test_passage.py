"""Two bars on a grid, and notes again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.music.notes import Note, sorted_notes
from models.performers.interpolation.passage import (
    LOWEST,
    PITCHES,
    STEPS,
    Passage,
    folded,
    passages,
    played,
    written,
)
from tests.engine.phrases import wild_notes


def march(beats: int = 32, beat_s: float = 0.6) -> list[Note]:
    notes = [Note(beat * beat_s, 48 + 12 * (beat % 2), 0.5 * beat_s, 70) for beat in range(beats)]
    return list(sorted_notes([*notes, *(Note(4 * bar * beat_s, 76, 3 * beat_s, 80) for bar in range(beats // 4))]))


def test_a_phrase_with_a_beat_is_cut_into_two_bars_each() -> None:
    found = passages(march())
    assert [start_s for start_s, _ in found] == pytest.approx([4.8 * number for number in range(4)], abs=0.1)
    assert all(p.length_s == pytest.approx(4.8, abs=0.2) for _, p in found)
    assert [len(p.notes) for _, p in found] == [10] * 4


@given(st.lists(wild_notes, min_size=1, max_size=40))
def test_every_note_of_a_phrase_is_in_one_passage(notes: list[Note]) -> None:
    ordered = sorted_notes(notes)
    together = [(start_s + n.onset_s, n) for start_s, p in passages(ordered) for n in p.notes]
    assert sorted((n.pitch, n.duration_s, n.velocity) for _, n in together) == sorted(
        (n.pitch, n.duration_s, n.velocity) for n in notes
    )
    assert sorted(at for at, _ in together) == pytest.approx(sorted(n.onset_s for n in notes))


def test_tables_and_notes_say_the_same() -> None:
    passage = Passage((Note(0.0, 60, 0.6, 60), Note(0.31, 64, 0.15, 60), Note(0.6, 60, 0.3, 60)), 0.15)
    struck, held = passage.tables()
    assert struck.shape == held.shape == (STEPS, PITCHES)
    assert written(struck, held) == [(0, 60, 4), (2, 64, 1), (4, 60, 2)]
    assert not (struck & held).any()
    assert passages([]) == []


def test_what_lies_beyond_the_keys_comes_back_by_octaves() -> None:
    assert folded(21) == 33
    assert folded(108) == 96
    assert all(LOWEST <= folded(pitch) < LOWEST + PITCHES for pitch in range(128))


def test_no_key_sounds_on_while_it_is_struck_again() -> None:
    found = played([Note(0.0, 60, 2.0, 60), Note(1.0, 60, 0.5, 60), Note(1.0, 60, 1.0, 60), Note(1.5, 62, 1.0, 60)])
    assert found == (Note(0.0, 60, 1.0, 60), Note(1.0, 60, 0.5, 60), Note(1.5, 62, 1.0, 60))
