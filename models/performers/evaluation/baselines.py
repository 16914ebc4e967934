"""An n-gram model of events: what a performer must beat by a wide margin to be worth its weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Phrase
from models.performers.corpus.corpus_streams import piece_events
from models.performers.corpus.held_out import Score
from models.performers.vocabulary.events import VOCABULARY_SIZE

Keys = NDArray[np.int64]


class NGram:
    """Interpolated n-gram with Witten-Bell smoothing (Witten and Bell 1991, as in Chen and Goodman 1996)."""

    def __init__(self, order: int = 4) -> None:
        """
        Args:
            order: events per gram, at most 7 so that a gram fits 63 bits.

        Raises:
            ValueError: order outside 1..7.
        """
        if not 1 <= order <= 7:
            raise ValueError(f"expected an order from 1 to 7, got {order}")
        self.order = order
        self._grams: list[tuple[Keys, Keys]] = []
        self._contexts: list[tuple[Keys, Keys, Keys]] = []

    def fit(self, pieces: Sequence[Phrase]) -> NGram:
        """Counts the grams of every length up to the order in whole pieces."""
        events = [piece_events(piece).astype(np.int64) for piece in pieces]
        for length in range(1, self.order + 1):
            keys = np.concatenate([_keys(piece, length)[length - 1 :] for piece in events])
            grams, counts = np.unique(keys, return_counts=True)
            contexts, first = np.unique(grams // VOCABULARY_SIZE, return_index=True)
            kinds = np.diff(first, append=len(grams))
            totals = np.add.reduceat(counts, first)
            self._grams.append((grams, counts))
            self._contexts.append((contexts, totals, kinds))
        return self

    def score(self, pieces: Sequence[Phrase]) -> Score:
        """Nats per event of whole pieces, each from its start, the end mark included."""
        total, count = 0.0, 0
        for piece in pieces:
            events = piece_events(piece).astype(np.int64)
            total -= float(np.log(self._probabilities(events)[1:]).sum())
            count += len(events) - 1
        return Score(total / max(1, count), count, len(pieces))

    def _probabilities(self, events: Keys) -> NDArray[np.float64]:
        """Probability of each event given those before it."""
        probability = np.full(len(events), 1.0 / VOCABULARY_SIZE)
        for length in range(1, self.order + 1):
            keys = _keys(events, length)
            count = _looked_up(keys, *self._grams[length - 1])
            contexts, totals, kinds = self._contexts[length - 1]
            total = _looked_up(keys // VOCABULARY_SIZE, contexts, totals)
            novel = _looked_up(keys // VOCABULARY_SIZE, contexts, kinds)
            seen = (total > 0) & (np.arange(len(events)) >= length - 1)
            mixed = (count + novel * probability) / np.maximum(total + novel, 1)
            probability = np.where(seen, mixed, probability)
        return probability


def _keys(events: Keys, length: int) -> Keys:
    """The gram that ends at each event, as one number; those reaching before the first count it as event 0."""
    keys = np.zeros(len(events), np.int64)
    for back in range(length - 1, -1, -1):
        earlier = np.zeros(len(events), np.int64)
        earlier[back:] = events[: len(events) - back]
        keys = keys * VOCABULARY_SIZE + earlier
    return keys


def _looked_up(keys: Keys, known: Keys, values: Keys) -> Keys:
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[place] == keys, values[place], 0)
