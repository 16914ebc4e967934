"""Telling apart: one kind of playing cannot be told from itself, another can."""

import pytest

from engine.music.notes import Note, PedalSpan, Phrase
from models.performers.evaluation.telling_apart import Excerpt, matched, stretch, stretches, tell_apart
from tests.engine.phrases import wandering

pytest.importorskip("sklearn")


def excerpts(first: int, count: int, density: float) -> list[Excerpt]:
    return [Excerpt(wandering(seed, density, 20.0), f"{seed // 2}") for seed in range(first, first + count)]


def test_playing_of_one_kind_is_not_told_apart_and_of_two_kinds_it_is() -> None:
    alike = tell_apart(excerpts(0, 50, 3.0), excerpts(1_000, 50, 3.0))
    other = tell_apart(excerpts(0, 50, 3.0), excerpts(1_000, 50, 6.0))
    assert alike.auc < 0.75
    assert other.auc > 0.95
    assert other.by_group["timing"] > 0.95
    assert "notes per second" in {name for name, *_ in other.telling}


def test_a_stretch_begins_with_its_first_note_and_keeps_its_pedal() -> None:
    piece = Phrase(tuple(Note(1.0 * i, 60 + i, 0.5, 60) for i in range(10)), (PedalSpan(2.5, 6.5), PedalSpan(8.0, 9.0)))
    found = stretch(piece, 2.5, 3.0)
    assert [(n.onset_s, n.pitch) for n in found.notes] == [(0.0, 63), (1.0, 64), (2.0, 65)]
    assert found.pedal == (PedalSpan(0.0, 2.5),)


def test_excerpts_come_from_all_pieces_and_the_nearest_in_density_are_chosen() -> None:
    pieces = [wandering(seed, density, 60.0) for seed, density in ((1, 2.0), (2, 8.0))]
    pool = stretches(pieces, ["slow", "fast"], 20.0, 40, 1)
    assert {e.piece for e in pool} == {"slow", "fast"}
    slow = stretches(pieces[:1], ["x"], 20.0, 10, 2)
    chosen = matched(slow, pool)
    assert [e.piece for e in chosen].count("slow") >= 8
    assert len({id(e) for e in chosen}) == len(chosen)
    assert stretches([Phrase(())], ["empty"], 20.0, 5, 1) == []
