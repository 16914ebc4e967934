"""Endless, seeded batches for truncated back-propagation through time: every row follows one piece after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Phrase
from models.performers.vocabulary.conditioning import CONDITION_SIZE, forgotten, observed
from models.performers.vocabulary.events import END, START, encode


@dataclass(frozen=True)
class Augmentation:
    """Bounds within which every pass through a piece is moved; zero leaves it as it is."""

    transpose_semitones: int = 5
    stretch: float = 0.1
    forget_all: float = 0.25
    """Chance that a chunk is learnt without any condition, so that the network can also play unasked."""
    forget_each: float = 0.15
    """Chance, otherwise, that its density is left out, and that its histogram is."""
    recurring: float = 0.0
    """Share of windows in which passages are made to return (see `models/recurring_passages.py`)."""
    forget_returns: float = 0.5
    """Chance, otherwise, that returns are left out, and that the beat is."""


def by_heart_augmentation() -> Augmentation:
    """For a book that is to be recognised: it stays in its keys and nearly in its tempo, and nothing else returns."""
    return Augmentation(transpose_semitones=0, stretch=0.03)


@dataclass(frozen=True)
class Batch:
    """`inputs` and `targets` [B x T], `conditions` [B x T x condition], and `fresh` [B] where a piece begins."""

    inputs: NDArray[np.int64]
    targets: NDArray[np.int64]
    conditions: NDArray[np.float32]
    fresh: NDArray[np.bool_]


def piece_events(phrase: Phrase, transpose: int = 0, stretch: float = 1.0) -> NDArray[np.int16]:
    """Events of a whole piece between its start and end marks."""
    return np.concatenate([[START], encode(phrase, transpose, stretch), [END]]).astype(np.int16)


def batches(
    pieces: Sequence[Phrase], weights: Sequence[float], rows: int, length: int, augmentation: Augmentation, seed: int
) -> Iterator[Batch]:
    """Batches without end; the same arguments give the same ones.

    Args:
        pieces: what to learn.
        weights: how often each is chosen, relative to the others; they need not sum to 1.
        rows: pieces read side by side (B).
        length: events per batch and row (T); what is left of a piece and shorter than this is dropped.
    """
    rng = np.random.default_rng(seed)
    share = np.asarray(weights, float) / np.sum(weights)
    readers = [_chunks(pieces, share, length, augmentation, child) for child in rng.spawn(rows)]
    while True:
        chunks = [next(reader) for reader in readers]
        events = np.stack([c[0] for c in chunks]).astype(np.int64)
        yield Batch(
            events[:, :-1],
            events[:, 1:],
            np.stack([c[1] for c in chunks]),
            np.array([c[2] for c in chunks]),
        )


def _chunks(
    pieces: Sequence[Phrase],
    share: NDArray[np.float64],
    length: int,
    augmentation: Augmentation,
    rng: np.random.Generator,
) -> Iterator[tuple[NDArray[np.int16], NDArray[np.float32], bool]]:
    """(events [length + 1], conditions [length x condition], starts a piece) of one row."""
    while True:
        events = moved_events(pieces[int(rng.choice(len(pieces), p=share))], augmentation, rng)
        conditions = shifted(observed(events))
        for start in range(0, len(events) - length, length):
            conditioning = with_some_forgotten(conditions[start : start + length], augmentation, rng)
            yield events[start : start + length + 1], conditioning, start == 0
        if len(events) <= length:
            padded = np.full(length + 1, END, np.int16)
            padded[: len(events)] = events
            conditioning = np.zeros((length, CONDITION_SIZE), np.float32)
            conditioning[: len(events)] = conditions[: len(events)][:length]
            yield padded, conditioning, True


def moved_events(piece: Phrase, augmentation: Augmentation, rng: np.random.Generator) -> NDArray[np.int16]:
    """Events of a whole piece, transposed and stretched at random within the bounds."""
    return piece_events(piece, *moved(augmentation, rng))


def moved(augmentation: Augmentation, rng: np.random.Generator) -> tuple[int, float]:
    """By how many semitones, and how far in tempo, a pass through a piece is moved."""
    semitones = int(rng.integers(-augmentation.transpose_semitones, augmentation.transpose_semitones + 1))
    return semitones, float(np.exp(rng.uniform(-augmentation.stretch, augmentation.stretch)))


def with_some_forgotten(
    conditions: NDArray[np.float32], augmentation: Augmentation, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The conditions beside a stretch of a piece, some of them left out at random."""
    each, later = augmentation.forget_each, augmentation.forget_returns
    all_left_out, *left_out = rng.random(5) < (augmentation.forget_all, each, each, later, later)
    return forgotten(conditions, *(bool(all_left_out or left) for left in left_out))


def shifted(conditions: NDArray[np.float32]) -> NDArray[np.float32]:
    """The condition beside an input is about what follows it, so it is the one observed at the next event."""
    return np.concatenate([conditions[1:], conditions[-1:]])
