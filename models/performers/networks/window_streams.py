"""Endless, seeded windows for a network with attention: stretches of pieces, with the keyboard as it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Phrase
from models.performers.corpus.corpus_streams import Augmentation, moved, moved_events, shifted, with_some_forgotten
from models.performers.corpus.recurring_passages import recurring, whole
from models.performers.networks.losses import NOT_COUNTED
from models.performers.networks.transformer_sizes import RECENT_EVENTS
from models.performers.vocabulary.conditioning import CONDITION_SIZE, observed, observed_alone
from models.performers.vocabulary.events import START
from models.performers.vocabulary.keyboard_state import states


@dataclass(frozen=True)
class WindowBatch:
    """`recent` [B x T x RECENT_EVENTS], newest first; `positions` and `times` [B x T] in events and
    steps of 10 ms since the piece began; `states` [B x T x state];
    `conditions` [B x T x condition]; `targets` [B x T], NOT_COUNTED where a piece is over."""

    recent: NDArray[np.int64]
    positions: NDArray[np.int64]
    times: NDArray[np.int64]
    states: NDArray[np.float32]
    conditions: NDArray[np.float32]
    targets: NDArray[np.int64]


def window(events: NDArray[np.int16], conditions: NDArray[np.float32] | None, start: int, length: int) -> WindowBatch:
    """One row: events[start : start + length] of a piece and what follows each, filled up where the piece is over.

    Args:
        events: of the whole piece [N], marks included.
        conditions: beside each of these inputs [N x condition]; None asks for nothing.
    """
    stop = min(start + length, len(events) - 1)
    count, missing = stop - start, length - (stop - start)
    before = np.concatenate([np.full(RECENT_EVENTS - 1, START), events]).astype(np.int64)
    recent = np.lib.stride_tricks.sliding_window_view(before[start : stop + RECENT_EVENTS - 1], RECENT_EVENTS)[:, ::-1]
    seen, times = states(events, start, stop)
    conditioning = np.zeros((count, CONDITION_SIZE), np.float32) if conditions is None else conditions[start:stop]
    return WindowBatch(
        np.pad(recent, ((0, missing), (0, 0)))[None],
        np.arange(start, start + length)[None],
        np.pad(times, (0, missing), mode="edge")[None],
        np.pad(seen, ((0, missing), (0, 0)))[None],
        np.pad(conditioning, ((0, missing), (0, 0)))[None],
        np.pad(events[start + 1 : stop + 1].astype(np.int64), (0, missing), constant_values=NOT_COUNTED)[None],
    )


def joined(rows: Sequence[WindowBatch]) -> WindowBatch:
    """Rows of equal length side by side."""
    return WindowBatch(*(np.concatenate(parts) for parts in zip(*(vars(row).values() for row in rows), strict=True)))


def windows(
    pieces: Sequence[Phrase],
    weights: Sequence[float],
    events: int,
    length: Callable[[], int],
    augmentation: Augmentation,
    seed: int,
) -> Iterator[WindowBatch]:
    """Batches without end; the same arguments give the same ones.

    Args:
        pieces: what to learn.
        weights: how often each is chosen, relative to the others; they need not sum to 1.
        events: in a batch, over all its rows.
        length: asked before each batch for the events in a row; may change as the training goes on.
    """
    rng = np.random.default_rng(seed)
    share = np.asarray(weights, float) / np.sum(weights)
    readers: list[Iterator[WindowBatch]] = []
    now = 0
    while True:
        if length() != now:
            now = length()
            rows = max(1, events // now)
            readers = [_stretches(pieces, share, now, augmentation, child) for child in rng.spawn(rows)]
        yield joined([next(reader) for reader in readers])


def _stretches(
    pieces: Sequence[Phrase],
    share: NDArray[np.float64],
    length: int,
    augmentation: Augmentation,
    rng: np.random.Generator,
) -> Iterator[WindowBatch]:
    """Windows of one piece after another, those of a piece in random order; all of it is covered.

    Between them some in which passages of it return.
    """
    again = augmentation.recurring / (1.0 - augmentation.recurring)
    while True:
        piece = pieces[int(rng.choice(len(pieces), p=share))]
        events = moved_events(piece, augmentation, rng)
        conditions = shifted(observed(events))
        last = max(0, len(events) - 1 - length)
        starts = np.clip(np.arange(-int(rng.integers(length)), len(events) - 1, length), 0, last)
        for start in rng.permutation(np.unique(starts)):
            row = window(events, conditions, int(start), length)
            yield replace(row, conditions=with_some_forgotten(row.conditions, augmentation, rng))
            if rng.random() < again:
                others = [pieces[int(i)] for i in rng.choice(len(pieces), 2, p=share)]
                yield _recurring_window([piece, *others], length, augmentation, rng)


def _recurring_window(
    pieces: Sequence[Phrase], length: int, augmentation: Augmentation, rng: np.random.Generator
) -> WindowBatch:
    """One row, from its start, in which passages of the first of some pieces return."""
    semitones, stretch = moved(augmentation, rng)
    events = recurring([whole(piece, semitones, stretch) for piece in pieces], length, rng)
    row = window(events, shifted(observed(events)), 0, length)
    return replace(row, conditions=with_some_forgotten(row.conditions, augmentation, rng))


def following_windows(events: NDArray[np.int16], length: int, conditioned: bool) -> Iterator[WindowBatch]:
    """A whole piece as windows one after the other, each a batch of one row; the last may be shorter."""
    conditions = shifted(observed_alone(events)) if conditioned else None
    for start in range(0, len(events) - 1, length):
        yield window(events, conditions, start, min(length, len(events) - 1 - start))
