"""One step of the Performance RNN as compiled loops, bound only by how fast the weights can be read."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.common.compiled import inner
from models.common.vectors import add, put
from models.performers.drawing.kernels.packed_products import Floats, Packed, add_product, compiled, dot
from models.performers.drawing.kernels.pointer import PointerMemory, PointerWeights, point

NEXT_TO_NOTHING: Final = np.float32(1e-6)


@inner
def _tanh(x: np.float32) -> np.float32:
    """tanh by 1 - 2 / (exp(2x) + 1), exp by 2^n times a polynomial: four ulp, and the compiler can vectorise it."""
    bounded: np.float32 = min(max(x, np.float32(-9.0)), np.float32(9.0))
    y = bounded * np.float32(2.885390081777927)  # 2 / ln 2
    n = np.floor(y + np.float32(0.5))
    f = (y - n) * np.float32(0.6931471805599453)
    p = np.float32(1 / 720)
    for c in (1 / 120, 1 / 24, 1 / 6, 0.5, 1.0, 1.0):
        p = p * f + np.float32(c)
    power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return np.float32(1) - np.float32(2) / (p * power + np.float32(1))


@inner
def _cell(gates: Floats, hidden: Floats, cell: Floats) -> None:
    """Gates [4 x H] in torch's order (input, forget, new, output) move hidden and cell [H] on, in place."""
    size = len(hidden)
    half = np.float32(0.5)
    for i in range(size):  # sigmoid(x) = (1 + tanh(x / 2)) / 2
        keep = half + half * _tanh(half * gates[size + i])
        take = half + half * _tanh(half * gates[i])
        show = half + half * _tanh(half * gates[3 * size + i])
        cell[i] = keep * cell[i] + take * _tanh(gates[2 * size + i])
        hidden[i] = show * _tanh(cell[i])


class Weights(NamedTuple):
    """Everything that is learnt; matrices are packed (see `kernels.packed_products`), and each has its scale.

    `table` [vocabulary x 4H] are the first layer's input products of events. `inner` (layers of H to 4H) are recurrent
    weights, `outer` and `bias` [layers x 4H] those between layers; the end is `head` (H to vocabulary), and a pointer,
    to which events are `heard` [vocabulary x H].
    """

    table: Floats
    inner: Packed
    inner_scale: Floats
    outer: Packed
    outer_scale: Floats
    bias: Floats
    head: Packed
    head_scale: Floats
    head_bias: Floats
    heard: Floats
    pointer: PointerWeights


class Memory(NamedTuple):
    """What S streams (1 or 2) remember, `hidden` and `cell` [layers x S x H], and `logits` [S x vocabulary].

    `condition` [S x 4H] is the first layer's input product of each stream's condition, `position` [1] counts events,
    and `pointer` is what the pointer remembers.
    """

    condition: Floats
    hidden: Floats
    cell: Floats
    logits: Floats
    position: NDArray[np.int64]
    pointer: PointerMemory


@compiled
def step(event: int, weights: Weights, memory: Memory) -> None:
    """Takes one event into all streams and leaves the logits of the next; their states move on in place."""
    hidden, layers = memory.hidden, len(weights.inner)
    gates = np.empty(memory.condition.shape, np.float32)
    for layer in range(layers):
        for stream in range(len(gates)):
            put(weights.bias[layer] if layer else weights.table[event], gates[stream])
        if layer == 0:
            for stream in range(len(gates)):
                add(memory.condition[stream], gates[stream])
        else:
            add_product(weights.outer[layer - 1], weights.outer_scale[layer - 1], hidden[layer - 1], gates)
        add_product(weights.inner[layer], weights.inner_scale[layer], hidden[layer], gates)
        for stream in range(len(gates)):
            _cell(gates[stream], hidden[layer, stream], memory.cell[layer, stream])
    for stream in range(len(gates)):
        put(weights.head_bias, memory.logits[stream])
    add_product(weights.head, weights.head_scale, hidden[layers - 1], memory.logits)
    size = weights.heard.shape[1]
    known = np.empty((len(gates), 2 * size), np.float32)
    for stream in range(len(gates)):
        put(weights.heard[event], known[stream])
        put(normalised(hidden[layers - 1, stream]), known[stream, size:])
    point(event, memory.position[0], known, weights.pointer, memory.pointer, memory.logits)
    memory.position[0] += 1


@compiled
def normalised(x: Floats) -> Floats:
    """x [n] with a mean square of 1."""
    scale = np.sqrt(dot(x, x) / np.float32(len(x)) + NEXT_TO_NOTHING)
    out = np.empty(len(x), np.float32)
    for i in range(len(x)):
        out[i] = x[i] / scale
    return out
