"""Attention of a step's heads to events before, as compiled loops.

Keys lie in panels [panels x size x PANEL] of as many slots, so that a panel of logits is a sum of rows like any other
product; values lie by slots [slots x size, filled up to half panels]. Two heads that share them read them together.
"""

from __future__ import annotations

import numpy as np

from models.common.compiled import inner
from models.performers.drawing.kernels.exponentials import exponential
from models.performers.drawing.kernels.lane_sums import HALF_PANEL, PANEL, one_half, one_stream, two_halves, two_streams
from models.performers.drawing.kernels.packed_products import Floats, compiled, dot


@compiled
def write_key(keys: Floats, slot: int, key: Floats) -> None:
    """A key [size] into its slot of keys [panels x size x PANEL]."""
    panel, column = slot // PANEL, slot % PANEL
    for i in range(len(key)):
        keys[panel, i, column] = key[i]


@inner
def products(q: Floats, keys: Floats, count: int, logits: Floats) -> None:
    """logits [1 or 2 x slots] of the first `count` slots, and of what fills up their last panel."""
    heads, size = q.shape
    slots = logits.shape[1]
    for panel in range(-(-count // PANEL)):
        if heads == 1:
            one_stream(logits, panel * PANEL, slots, q, 0, size, keys, panel * size * PANEL, PANEL, size)
        else:
            two_streams(logits, panel * PANEL, slots, q, 0, size, keys, panel * size * PANEL, PANEL, size)


@compiled
def attend(q: Floats, keys: Floats, values: Floats, count: int, sink: Floats, scratch: Floats, out: Floats) -> None:
    """Softmax attention of heads that share keys and values; q, out [heads x size], `scratch` [3 x slots].

    `sink` [heads] is the logit of attending to nothing. The last of the scratch holds ones.
    """
    size = q.shape[1]
    for first in range(0, len(q), 2):
        last = min(first + 2, len(q))
        pair, weights = q[first:last], scratch[: last - first]
        products(pair, keys, count, weights)
        for head in range(last - first):
            mass = _exponentials(weights[head], count, sink[first + head], scratch[2])
            for slot in range(count):
                weights[head, slot] /= mass
        _bring(weights, values, count, out[first:last], size)


@inner
def _exponentials(logits: Floats, count: int, sink: np.float32, ones: Floats) -> np.float32:
    """Likelihoods of the first `count` slots in place, and their sum with that of attending to nothing."""
    largest = max(sink, largest_of(logits[:count]))
    for slot in range(count):
        logits[slot] = exponential(logits[slot] - largest)
    return exponential(sink - largest) + dot(logits[:count], ones)


@inner
def largest_of(x: Floats) -> np.float32:
    """Lane by lane first: which is the largest does not depend on the order."""
    lanes = np.empty(HALF_PANEL, np.float32)
    for lane in range(HALF_PANEL):
        lanes[lane] = x[0]
    whole = len(x) // HALF_PANEL * HALF_PANEL
    for first in range(0, whole, HALF_PANEL):
        for lane in range(HALF_PANEL):
            lanes[lane] = max(lanes[lane], x[first + lane])
    found = x[0]
    for one in lanes:
        found = max(found, one)
    for one in x[whole:]:
        found = max(found, one)
    return found


@inner
def _bring(weights: Floats, values: Floats, count: int, out: Floats, size: int) -> None:
    """out [1 or 2 x size] = weights [1 or 2 x slots] @ values of the first `count` slots."""
    heads, slots = weights.shape
    padded = values.shape[1]
    sums = np.empty((heads, HALF_PANEL), np.float32)
    for first in range(0, padded, HALF_PANEL):
        if heads == 1:
            one_half(sums, 0, HALF_PANEL, weights, 0, slots, values, first, padded, count)
        else:
            two_halves(sums, 0, HALF_PANEL, weights, 0, slots, values, first, padded, count)
        for head in range(heads):
            for i in range(first, min(size, first + HALF_PANEL)):
                out[head, i] = sums[head, i - first]
