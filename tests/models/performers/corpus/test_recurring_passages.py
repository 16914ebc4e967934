"""Passages that return: exactly where they should, varied where they may, and the same for the same seed."""

import numpy as np

from engine.music.notes import Note, Phrase
from models.performers.corpus.recurring_passages import cut, recurring, transposed, varied, whole
from models.performers.vocabulary.conditioning import returning
from models.performers.vocabulary.events import NOTE_OFF, START, TIME_SHIFT, decode, encode, event_times_s

RNG = np.random.default_rng(4)
PIECE = Phrase(tuple(Note(0.21 * i, int(RNG.integers(40, 80)), 0.5, int(RNG.integers(30, 90))) for i in range(600)))


def returned(events: np.ndarray) -> float:
    """Share of notes that were played before in a run of four."""
    struck = events < NOTE_OFF
    return float(returning(events[struck], event_times_s(events)[struck]).mean())


def test_a_whole_piece_is_itself() -> None:
    passage = whole(PIECE)
    assert passage.pitch.tolist() == [n.pitch for n in PIECE.notes]
    assert passage.on.tolist() == [round(100 * n.onset_s) for n in PIECE.notes]


def test_a_passage_rings_on_or_ends_where_it_is_cut() -> None:
    piece = whole(PIECE)
    ringing, ended = cut(piece, 0, 210, ring=True), cut(piece, 0, 210, ring=False)
    assert len(ringing.on) == len(ended.on) == 10
    assert ringing.off.max() == ringing.length > 210
    assert ended.off.max() == ended.length == 210


def test_what_returns_was_played_before_and_a_piece_by_itself_does_not_return() -> None:
    rng = np.random.default_rng(1)
    pieces = [whole(PIECE)]
    windows = [recurring(pieces, 2_000, rng) for _ in range(6)]
    assert all(events[0] == START and len(events) == 2_001 for events in windows)
    assert returned(encode(PIECE)) < 0.02
    assert np.mean([returned(events) for events in windows]) > 0.15
    assert len(decode(windows[0]).notes) > 300


def test_the_same_seed_gives_the_same_windows() -> None:
    one, other, another = (recurring([whole(PIECE)], 500, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, another)


def test_a_varied_passage_keeps_nearly_all_its_notes_and_can_be_played() -> None:
    passage = cut(whole(PIECE), 0, 1_000, ring=False)
    again = varied(passage, np.random.default_rng(2))
    assert 0.8 * len(passage.pitch) <= len(again.pitch) <= len(passage.pitch)
    assert (again.off > again.on).all()
    assert (np.diff(again.on) >= 0).all()
    assert again.length >= again.on.max()
    assert not np.array_equal(again.on, passage.on[: len(again.on)])


def test_a_passage_that_would_leave_the_keyboard_stays_in_its_key() -> None:
    passage = cut(whole(PIECE), 0, 500, ring=False)
    assert (transposed(passage, 5).pitch == passage.pitch + 5).all()
    assert transposed(passage, 60) is passage


def test_a_piece_of_few_notes_is_enough() -> None:
    short = Phrase(tuple(Note(0.5 * i, 60 + i, 0.4, 60) for i in range(3)))
    events = recurring([whole(short)], 300, np.random.default_rng(3))
    assert len(events) == 301
    assert ((events >= TIME_SHIFT).sum()) > 10
