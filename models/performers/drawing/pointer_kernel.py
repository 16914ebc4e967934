"""One step of the Piano Transformer's pointer as compiled loops; what it does stands in `networks.pointer`."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.common.compiled import njit
from models.common.weights import Arrays
from models.performers.drawing.packed_products import Floats
from models.performers.networks.transformer_sizes import POINTER_SIZE
from models.performers.vocabulary.events import VOCABULARY_SIZE

LEAST: Final = np.float32(1e-12)
NOWHERE: Final = np.float32(1e4)
"""The sentinel's logit of a network that learnt no pointer."""


class PointerWeights(NamedTuple):
    """`queries` and `keys` [size x 2 width], `sink` [1 x 2 width], and `scalars` [3]: sharpness, momentum, bias."""

    queries: Floats
    keys: Floats
    sink: Floats
    scalars: Floats

    @classmethod
    def of(cls, arrays: Arrays, width: int) -> PointerWeights:
        """Those of a network, or, where it has none, of one that points nowhere."""
        if "pointer.queries" not in arrays:
            nothing = np.zeros((POINTER_SIZE, 2 * width), np.float32)
            return cls(nothing, nothing, nothing[:1], np.array([0.0, 0.0, NOWHERE], np.float32))
        scalars = np.concatenate([arrays[f"pointer.{name}"] for name in ("sharpness", "momentum", "bias")])
        queries, keys, sink = (np.ascontiguousarray(arrays[f"pointer.{name}"]) for name in ("queries", "keys", "sink"))
        return cls(queries, keys, sink, scalars)


class PointerMemory(NamedTuple):
    """What S streams remember, over and over in the same slots, and `newest` [S x size], the last keys.

    `keys` [S x slots x size], `likeness` [S x slots], faded ones carried on, and `events` [slots].
    """

    keys: Floats
    newest: Floats
    likeness: Floats
    events: NDArray[np.int64]

    @classmethod
    def empty(cls, streams: int, slots: int) -> PointerMemory:
        """Before a piece."""
        keys = np.zeros((streams, slots, POINTER_SIZE), np.float32)
        return cls(keys, keys[:, 0].copy(), keys[..., 0].copy(), np.zeros(slots, np.int64))


@njit(cache=True)
def point(
    event: int, position: int, hidden: Floats, weights: PointerWeights, memory: PointerMemory, logits: Floats
) -> None:
    """Turns logits [S x vocabulary] in place into logarithms of what the network guesses and points at together.

    Args:
        event: the newest one, and its `position` in the piece.
        hidden: [S x 2 width], what enters the first layer and what leaves the last.
    """
    if weights.scalars[2] >= NOWHERE:
        return
    slots = len(memory.events)
    memory.events[position % slots] = event
    for stream in range(len(hidden)):
        sentinel = weights.scalars[2] + _product(weights.sink, hidden[stream])[0]
        memory.keys[stream, position % slots] = memory.newest[stream]
        memory.newest[stream] = _unit(_product(weights.keys, hidden[stream]))
        query = _unit(_product(weights.queries, hidden[stream])) * weights.scalars[0]
        _carry_on(query, weights.scalars[1], memory.keys[stream], memory.likeness[stream])
        count = min(position + 1, slots)
        _mix(memory.likeness[stream, :count], memory.events[:count], sentinel, logits[stream])


@njit(fastmath=True, cache=True)
def _product(matrix: Floats, x: Floats) -> Floats:
    """matrix [rows x columns] times x [columns]."""
    out = np.zeros(len(matrix), np.float32)
    for row in range(len(matrix)):
        for i in range(len(x)):
            out[row] += matrix[row, i] * x[i]
    return out


@njit(cache=True)
def _unit(x: Floats) -> Floats:
    """x [n] at length 1."""
    return x / max(np.sqrt(np.sum(x * x)), LEAST)


@njit(fastmath=True, cache=True)
def _carry_on(query: Floats, momentum: np.float32, keys: Floats, likeness: Floats) -> None:
    """likeness [slots] of each slot to the query [size], with what the slot before had one event ago, faded."""
    before = likeness[-1]
    for slot in range(len(likeness)):
        total = np.float32(0)
        for i in range(len(query)):
            total += query[i] * keys[slot, i]
        likeness[slot], before = total + momentum * before, likeness[slot]


@njit(cache=True)
def _mix(likeness: Floats, events: NDArray[np.int64], sentinel: np.float32, logits: Floats) -> None:
    """Shares of attention go to the events heard [count], the sentinel's to the network's own guess."""
    largest = max(sentinel, likeness.max())
    pointed = np.zeros(VOCABULARY_SIZE, np.float32)
    mass = np.exp(sentinel - largest)
    own = np.exp(logits - logits.max())
    own *= mass / own.sum()
    for slot in range(len(likeness)):
        share = np.exp(likeness[slot] - largest)
        pointed[events[slot]] += share
        mass += share
    logits[:] = np.log((pointed + own) / mass + LEAST)
