"""Windows: what is beside what, that nothing of a piece is left out, and that they are seeded."""

import numpy as np
import pytest

from engine.music.notes import Note, Phrase
from models.performers.corpus.corpus_streams import Augmentation, piece_events, shifted
from models.performers.networks.losses import NOT_COUNTED
from models.performers.networks.window_streams import following_windows, window, windows
from models.performers.vocabulary.conditioning import observed
from models.performers.vocabulary.events import START

STILL = Augmentation(0, 0.0, 0.0, 0.0, forget_returns=0.0)
PIECE = Phrase(tuple(Note(0.25 * i, 50 + 7 * i % 24, 0.2, 60 + i % 7) for i in range(90)))


def test_targets_follow_inputs_and_a_short_piece_is_filled_up() -> None:
    events = piece_events(PIECE)
    row = window(events, None, 100, 64)
    assert row.recent.shape == (1, 64, 4)
    assert np.array_equal(row.recent[0, :, 0], events[100:164])
    assert np.array_equal(row.recent[0, 3:, 3], events[100:161])
    assert np.array_equal(row.targets[0], events[101:165])
    assert row.positions[0, 0] == 100
    last = window(events, None, len(events) - 11, 64)
    assert np.array_equal(last.targets[0, :10], events[-10:])
    assert (last.targets[0, 10:] == NOT_COUNTED).all()
    assert (window(events, None, 0, 64).recent[0, 0] == START).all()


@pytest.mark.parametrize("length", [16, 64, 10_000])
def test_windows_that_measure_predict_every_event_once(length: int) -> None:
    events = piece_events(PIECE)
    targets = np.concatenate([row.targets[0] for row in following_windows(events, length, conditioned=False)])
    assert np.array_equal(targets, events[1:])


def test_windows_cover_pieces_are_seeded_and_know_what_is_wished() -> None:
    def first(count: int, seed: int, augmentation: Augmentation = STILL) -> list[np.ndarray]:
        source = windows([PIECE], [1.0], 64, lambda: 32, augmentation, seed)
        return [next(source).recent for _ in range(count)]

    assert all(np.array_equal(a, b) for a, b in zip(first(4, 1), first(4, 1), strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first(4, 1), first(4, 2), strict=True))
    assert first(1, 1)[0].shape == (2, 32, 4)
    events = piece_events(PIECE)
    source = windows([PIECE], [1.0], 32, lambda: 32, STILL, 3)
    conditioning, seen = shifted(observed(events)), set()
    for _ in range(len(events) // 32 + 1):
        batch = next(source)
        start = int(batch.positions[0, 0])
        seen |= set(range(start, start + 32))
        assert np.array_equal(batch.conditions[0], conditioning[start : start + 32])
    assert seen >= set(range(len(events) - 1))


def test_the_length_may_change_on_the_way() -> None:
    lengths = iter([16, 16, 16, 64, 64, 64])
    source = windows([PIECE], [1.0], 128, lambda: next(lengths), STILL, 1)
    assert next(source).targets.shape == (8, 16)
    assert next(source).targets.shape[0] in {2, 8}
