"""One step of the Piano Transformer as compiled loops, with the keys and values of earlier events in a cache.

A step reads every weight once, as small integers (see `drawing.packed_products`), and of the cache what each layer
looks back at. Squared ReLU leaves most hidden units at zero: the rows of the way back that belong to them are not
read at all, nor are those of keys that are silent. Sums are taken in float32.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.common.compiled import njit
from models.performers.drawing.packed_products import Floats, add_product, add_sparse_product
from models.performers.drawing.pointer_kernel import PointerMemory, PointerWeights, point
from models.performers.networks.transformer_sizes import RECALL
from models.performers.vocabulary.keyboard_state import NOW, STATE_SIZE, show, take

Packed = NDArray[np.generic]

EPSILON = np.float32(1e-6)


@njit(fastmath=True, cache=True, inline="always")
def _exponential(x: np.float32) -> np.float32:
    """exp by 2^n times a polynomial, for x of 0 and below; the compiler can vectorise it."""
    y = max(x, np.float32(-80.0)) * np.float32(1.4426950408889634)
    n = np.floor(y + np.float32(0.5))
    f = (y - n) * np.float32(0.6931471805599453)
    p = np.float32(1 / 5040)
    for c in (1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1.0, 1.0):
        p = p * f + np.float32(c)
    power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return p * power


@njit(fastmath=True, cache=True)
def _normalise(x: Floats, out: Floats) -> None:
    """x [n] divided by its root mean square."""
    total = np.float32(0)
    for i in range(len(x)):
        total += x[i] * x[i]
    scale = np.float32(1) / np.sqrt(total / np.float32(len(x)) + EPSILON)
    for i in range(len(x)):
        out[i] = x[i] * scale


@njit(fastmath=True, cache=True)
def _rotate(x: Floats, cosines: Floats, sines: Floats, factor: np.float32) -> None:
    """Pairs (i, i + half) of x [size] rotated in place, and lengthened by a factor."""
    half = len(cosines)
    for i in range(half):
        a, b = x[i], x[i + half]
        x[i] = (a * cosines[i] - b * sines[i]) * factor
        x[i + half] = (a * sines[i] + b * cosines[i]) * factor


@njit(fastmath=True, cache=True)
def _attend(q: Floats, keys: Floats, values: Floats, count: int, sink: Floats, logits: Floats, out: Floats) -> None:
    """Softmax attention of the heads that share keys and values; q, out [share x size], keys, values [slots x size].

    `sink` [share] is the logit of attending to nothing.
    """
    size = q.shape[1]
    for head in range(len(q)):
        largest = sink[head]
        for slot in range(count):
            total = np.float32(0)
            for i in range(size):
                total += q[head, i] * keys[slot, i]
            logits[slot] = total
            largest = max(largest, total)
        mass = _exponential(sink[head] - largest)
        for slot in range(count):
            logits[slot] = _exponential(logits[slot] - largest)
            mass += logits[slot]
        out[head] = np.float32(0)
        for slot in range(count):
            weight = logits[slot] / mass
            for i in range(size):
                out[head, i] += weight * values[slot, i]


class Weights(NamedTuple):
    """Everything that is learnt, packed; the scales belong to rows, or, for what is read sparsely, to columns.

    `tables` [recent x vocabulary x width] are the input products of events, `state` [state x width] that of the
    keyboard. Of each layer: `qkv` [queries, keys and values x width], `gate` [heads x width], `logit_scale` [heads],
    `sink` [heads] (logit of attending to nothing), `out` [width x queries], `up` [hidden x width], `down` [hidden x
    width]; `head` [vocabulary x width] ends it.
    `rotary` [groups x size / 2] are radians by event and by step of 10 ms, `reach` [layers] is how far each looks back.
    `pointer` may take an event as it was heard.
    """

    tables: Floats
    state: Packed
    state_scale: Floats
    qkv: Packed
    qkv_scale: Floats
    gate: Floats
    logit_scale: Floats
    sink: Floats
    out: Packed
    out_scale: Floats
    up: Packed
    up_scale: Floats
    down: Packed
    down_scale: Floats
    head: Packed
    head_scale: Floats
    rotary: NDArray[np.float64]
    reach: NDArray[np.int64]
    pointer: PointerWeights


class Memory(NamedTuple):
    """What S streams (1 or 2) remember, and `logits` [S x vocabulary] of the next event.

    `condition` [S x width] is the input product of each stream's condition, `recent` [recent] are events, newest first,
    `keyboard` [MEMORY_SIZE], `position` [1] counts events. `keys` and `values` [layers x S x groups x slots x size] are
    kept, of which layer l uses reach[l] slots over and over; `newest` [layers x S x size] are the last keys of the
    group that recalls, and `pointer` what the pointer remembers.
    """

    condition: Floats
    recent: NDArray[np.int64]
    keyboard: NDArray[np.int64]
    position: NDArray[np.int64]
    keys: Floats
    values: Floats
    newest: Floats
    logits: Floats
    pointer: PointerMemory


@njit(cache=True)
def step(event: int, weights: Weights, memory: Memory) -> None:
    """Takes one event into all streams and leaves the logits of the next; what they remember moves on in place."""
    x = _taken(event, weights, memory)
    cosines, sines = _rotation(weights, memory)
    normal, first = np.empty_like(x), x.copy()
    for layer in range(len(weights.reach)):
        _normalise_all(x, normal)
        attended = _attention(layer, normal, cosines, sines, weights, memory)
        add_product(weights.out[layer], weights.out_scale[layer], attended, x)
        _normalise_all(x, normal)
        _add_hidden(layer, normal, weights, x)
    _normalise_all(x, normal)
    memory.logits[:] = 0
    add_product(weights.head, weights.head_scale, normal, memory.logits)
    hidden = np.concatenate((first, normal), 1)
    point(event, memory.position[0], hidden, weights.pointer, memory.pointer, memory.logits)
    memory.position[0] += 1


@njit(cache=True)
def _taken(event: int, weights: Weights, memory: Memory) -> Floats:
    """The first layer's input [S x width] after an event."""
    take(memory.keyboard, event)
    memory.recent[1:] = memory.recent[:-1].copy()
    memory.recent[0] = event
    seen = np.empty((1, STATE_SIZE), np.float32)
    show(memory.keyboard, seen[0])
    x = np.zeros(memory.condition.shape, np.float32)
    add_sparse_product(weights.state, weights.state_scale, seen, x[:1])
    for back in range(len(memory.recent)):
        x[0] += weights.tables[back, memory.recent[back]]
    for stream in range(len(x) - 1, -1, -1):
        _normalise(x[0] + memory.condition[stream], x[stream])
    return x


@njit(cache=True)
def _rotation(weights: Weights, memory: Memory) -> tuple[Floats, Floats]:
    """Cosines and sines [groups x size / 2] of the present place, in events and in time."""
    angles = weights.rotary.copy()
    angles[0] *= memory.position[0]
    angles[1] *= memory.keyboard[NOW]
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


@njit(cache=True)
def _attention(layer: int, normal: Floats, cosines: Floats, sines: Floats, weights: Weights, memory: Memory) -> Floats:
    """What the heads of a layer bring [S x queries] from the events before; keys and values are kept."""
    groups, slots, size = memory.keys.shape[2:]
    heads = weights.logit_scale.shape[1]
    share = heads // groups
    slot = memory.position[0] % weights.reach[layer]
    count = min(memory.position[0] + 1, weights.reach[layer])
    qkv = np.zeros((len(normal), weights.qkv.shape[1]), np.float32)
    add_product(weights.qkv[layer], weights.qkv_scale[layer], normal, qkv)
    attended = np.empty((len(normal), heads * size), np.float32)
    scratch = np.empty(slots, np.float32)
    for stream in range(len(normal)):
        parts, brought = qkv[stream].reshape(-1, size), attended[stream].reshape(-1, size)
        for group in range(groups):
            keys, values = memory.keys[layer, stream, group], memory.values[layer, stream, group]
            _keep_key(
                parts[heads + group], group, cosines[group], sines[group], keys[slot], memory.newest[layer, stream]
            )
            values[slot] = parts[heads + groups + group]
            mine = slice(group * share, (group + 1) * share)
            for index in range(group * share, (group + 1) * share):
                _normalise(parts[index], parts[index])
                _rotate(parts[index], cosines[group], sines[group], weights.logit_scale[layer, index])
            _attend(parts[mine], keys, values, count, weights.sink[layer, mine], scratch, brought[mine])
        _open(weights.gate[layer], normal[stream], brought)
    return attended


@njit(cache=True)
def _keep_key(part: Floats, group: int, cosines: Floats, sines: Floats, key: Floats, newest: Floats) -> None:
    """Writes a key [size] into its slot; in the group that recalls, that of the event before."""
    if group == RECALL:
        key[:] = newest
        _normalise(part, newest)
    else:
        _normalise(part, key)
        _rotate(key, cosines, sines, np.float32(1))


@njit(fastmath=True, cache=True)
def _open(gate: Floats, normal: Floats, brought: Floats) -> None:
    """What each head brings [heads x size] times twice the sigmoid of its gate [heads x width]."""
    for head in range(len(gate)):
        opened = np.float32(0)
        for i in range(len(normal)):
            opened += gate[head, i] * normal[i]
        brought[head] *= np.float32(2) / (np.float32(1) + np.exp(-opened))


@njit(cache=True)
def _add_hidden(layer: int, normal: Floats, weights: Weights, x: Floats) -> None:
    """Adds the feed-forward part of a layer to x [S x width]: squared ReLU between two products."""
    hidden = np.zeros((len(normal), weights.up.shape[1]), np.float32)
    add_product(weights.up[layer], weights.up_scale[layer], normal, hidden)
    for stream in range(len(hidden)):
        for i in range(hidden.shape[1]):
            positive = max(hidden[stream, i], np.float32(0))
            hidden[stream, i] = positive * positive
    add_sparse_product(weights.down[layer], weights.down_scale[layer], hidden, x)


@njit(cache=True)
def _normalise_all(x: Floats, out: Floats) -> None:
    for stream in range(len(x)):
        _normalise(x[stream], out[stream])
