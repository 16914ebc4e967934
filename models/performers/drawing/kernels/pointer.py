"""One step of a network's pointer as compiled loops; what it does stands in `networks.pointer`."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.common.compiled import inner
from models.common.vectors import put
from models.common.weights import Arrays
from models.performers.drawing.kernels.attention import largest_of, products, write_key
from models.performers.drawing.kernels.exponentials import exponential, logarithms
from models.performers.drawing.kernels.lane_sums import PANEL
from models.performers.drawing.kernels.packed_products import Floats, Packed, add_product, compiled, dot, packed
from models.performers.networks.pointer_sizes import POINTER_SIZE
from models.performers.vocabulary.events import VOCABULARY_SIZE

LEAST: Final = np.float32(1e-12)
NOWHERE: Final = np.float32(1e4)
"""The sentinel's logit of a network that learnt no pointer."""


class PointerWeights(NamedTuple):
    """Queries and keys of an event (`both`, packed: 2 width to 2 size), `sink` [1 x 2 width], and `scalars` [3].

    These are sharpness, momentum and bias.
    """

    both: Packed
    ones: Floats
    sink: Floats
    scalars: Floats

    @classmethod
    def of(cls, arrays: Arrays, width: int) -> PointerWeights:
        """Those of a network, or, where it has none, of one that points nowhere."""
        if "pointer.queries" not in arrays:
            nothing = np.zeros((2 * POINTER_SIZE, 2 * width), np.float32)
            return cls(*packed(nothing, "float32"), nothing[:1], np.array([0.0, 0.0, NOWHERE], np.float32))
        scalars = np.concatenate([arrays[f"pointer.{name}"] for name in ("sharpness", "momentum", "bias")])
        both = np.concatenate([arrays["pointer.queries"], arrays["pointer.keys"]])
        return cls(*packed(both, "float32"), np.ascontiguousarray(arrays["pointer.sink"]), scalars)

    def readier(self, by: float) -> PointerWeights:
        """The same with a bias of the sentinel that is lower by so much."""
        return self._replace(scalars=self.scalars - np.array([0.0, 0.0, by], np.float32))


class PointerMemory(NamedTuple):
    """What S streams remember, over and over in the same slots, and `newest` [S x size], the last keys.

    `keys` [S x …] as `kernels.attention` has them, `likeness` [S x slots], faded ones carried on, and `events`
    [slots].
    """

    keys: Floats
    newest: Floats
    likeness: Floats
    events: NDArray[np.int64]

    @classmethod
    def empty(cls, streams: int, slots: int) -> PointerMemory:
        """Before a piece."""
        keys = np.zeros((streams, -(-slots // PANEL), POINTER_SIZE, PANEL), np.float32)
        newest, likeness = (np.zeros((streams, length), np.float32) for length in (POINTER_SIZE, slots))
        return cls(keys, newest, likeness, np.zeros(slots, np.int64))


@compiled
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
    both = np.zeros((len(hidden), 2 * POINTER_SIZE), np.float32)
    add_product(weights.both, weights.ones, hidden, both)
    query = np.empty((1, POINTER_SIZE), np.float32)
    for stream in range(len(hidden)):
        sentinel = weights.scalars[2] + dot(weights.sink[0], hidden[stream])
        write_key(memory.keys[stream], position % slots, memory.newest[stream])
        _scale_to(both[stream, POINTER_SIZE:], np.float32(1))
        put(both[stream, POINTER_SIZE:], memory.newest[stream])
        _scale_to(both[stream, :POINTER_SIZE], weights.scalars[0])
        put(both[stream, :POINTER_SIZE], query[0])
        _carry_on(query, weights.scalars[1], memory.keys[stream], memory.likeness[stream])
        count = min(position + 1, slots)
        _mix(memory.likeness[stream, :count], memory.events[:count], sentinel, logits[stream])


@inner
def _scale_to(x: Floats, length: np.float32) -> None:
    """Brings x [n] to a length, in place."""
    scale = max(np.sqrt(dot(x, x)), LEAST)
    for i in range(len(x)):
        x[i] = x[i] / scale * length


@inner
def _carry_on(query: Floats, momentum: np.float32, keys: Floats, likeness: Floats) -> None:
    """likeness [slots] of each slot to the query [1 x size], with what the slot before had one event ago, faded."""
    slots = len(likeness)
    now = np.empty((1, len(keys) * PANEL), np.float32)
    products(query, keys, slots, now)
    last = likeness[slots - 1]
    for slot in range(slots - 1, 0, -1):
        likeness[slot] = now[0, slot] + momentum * likeness[slot - 1]
    likeness[0] = now[0, 0] + momentum * last


@inner
def _mix(likeness: Floats, events: NDArray[np.int64], sentinel: np.float32, logits: Floats) -> None:
    """Shares of attention go to the events heard [count], the sentinel's to the network's own guess."""
    count, ones = len(likeness), np.ones(max(len(likeness), len(logits)), np.float32)
    largest = max(sentinel, largest_of(likeness))
    shares, highest = np.empty(count, np.float32), largest_of(logits)
    for slot in range(count):
        shares[slot] = exponential(likeness[slot] - largest)
    for one in range(len(logits)):
        logits[one] = exponential(logits[one] - highest)
    own = exponential(sentinel - largest)
    mass = own + dot(shares, ones)
    own /= dot(logits, ones)
    pointed = np.zeros(VOCABULARY_SIZE, np.float32)
    for slot in range(count):
        pointed[events[slot]] += shares[slot]
    for one in range(len(logits)):
        logits[one] = (pointed[one] + own * logits[one]) / mass + LEAST
    logarithms(logits)
