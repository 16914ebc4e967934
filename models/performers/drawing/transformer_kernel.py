"""One step of the Piano Transformer as compiled loops, with the keys and values of earlier events in a cache.

A step reads every weight once, as small integers (see `drawing.packed_products`), and of the cache what each layer
looks back at. Squared ReLU leaves most hidden units at zero: the rows of the way back that belong to them are not
read at all, nor are those of keys that are silent. Sums are taken in float32.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.performers.drawing.packed_products import Floats, add_product, add_sparse_product
from models.performers.vocabulary.keyboard_state import NOW, STATE_SIZE, show, take

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
def _turn(x: Floats, cosines: Floats, sines: Floats, factor: np.float32) -> None:
    """Pairs (i, i + half) of x [size] turned in place, and lengthened by a factor."""
    half = len(cosines)
    for i in range(half):
        a, b = x[i], x[i + half]
        x[i] = (a * cosines[i] - b * sines[i]) * factor
        x[i + half] = (a * sines[i] + b * cosines[i]) * factor


@njit(fastmath=True, cache=True)
def _attend(q: Floats, keys: Floats, values: Floats, count: int, logits: Floats, out: Floats) -> None:
    """Softmax attention of the heads that share keys and values; q, out [share x size], keys, values [slots x size]."""
    size = q.shape[1]
    for head in range(len(q)):
        largest = np.float32(-1e30)
        for slot in range(count):
            total = np.float32(0)
            for i in range(size):
                total += q[head, i] * keys[slot, i]
            logits[slot] = total
            largest = max(largest, total)
        mass = np.float32(0)
        for slot in range(count):
            logits[slot] = _exponential(logits[slot] - largest)
            mass += logits[slot]
        out[head] = np.float32(0)
        for slot in range(count):
            weight = logits[slot] / mass
            for i in range(size):
                out[head, i] += weight * values[slot, i]


@njit(cache=True)
def step(
    event: int,
    wish: Floats,
    tables: Floats,
    state: NDArray[np.generic],
    state_scale: Floats,
    joint: NDArray[np.generic],
    joint_scale: Floats,
    gate: Floats,
    sharpness: Floats,
    out: NDArray[np.generic],
    out_scale: Floats,
    up: NDArray[np.generic],
    up_scale: Floats,
    down: NDArray[np.generic],
    down_scale: Floats,
    head: NDArray[np.generic],
    head_scale: Floats,
    turns: NDArray[np.float64],
    reach: NDArray[np.int64],
    recent: NDArray[np.int64],
    keyboard: NDArray[np.int64],
    position: NDArray[np.int64],
    keys: Floats,
    values: Floats,
    logits: Floats,
) -> None:
    """Takes one event into S streams (1 or 2) and leaves the logits of the next; what they remember moves on in place.

    Weights: `wish` [S x width] is the input product of each stream's condition, `tables` [recent x vocabulary x width]
    that of each event, `state` [state x width] that of the keyboard. Of each layer: `joint` [queries, keys and values x
    width], `gate` [heads x width], `sharpness` [heads], `out` [width x queries], `up` [hidden x width], `down`
    [hidden x width]; `head` [vocabulary x width] ends it. The scales belong to packed rows, or, for what is read
    sparsely (`state`, `down`), to columns. `turns` [groups x size / 2] are radians by event and by step of 10 ms.

    Memory: `recent` [recent], newest first, `keyboard` [MEMORY_SIZE], `position` [1] counts events, `keys` and `values`
    [layers x S x groups x slots x size], of which layer l uses reach[l] slots over and over; `logits` [S x vocabulary].
    """
    streams, width = wish.shape
    layers, heads = sharpness.shape
    groups, size = keys.shape[2], keys.shape[4]
    share = heads // groups
    take(keyboard, event)
    recent[1:] = recent[:-1].copy()
    recent[0] = event
    seen = np.empty((1, STATE_SIZE), np.float32)
    show(keyboard, seen[0])
    x = np.zeros((streams, width), np.float32)
    add_sparse_product(state, state_scale, seen, x[:1])
    for back in range(len(recent)):
        x[0] += tables[back, recent[back]]
    for stream in range(streams - 1, -1, -1):
        _normalise(x[0] + wish[stream], x[stream])
    angles = turns.copy()
    angles[0] *= position[0]
    angles[1] *= keyboard[NOW]
    cosines, sines = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
    normal = np.empty((streams, width), np.float32)
    attended = np.empty((streams, heads * size), np.float32)
    hidden = np.empty((streams, up.shape[1]), np.float32)
    scratch = np.empty(keys.shape[3], np.float32)
    for layer in range(layers):
        slot = position[0] % reach[layer]
        count = min(position[0] + 1, reach[layer])
        for stream in range(streams):
            _normalise(x[stream], normal[stream])
        joined = np.zeros((streams, joint.shape[1]), np.float32)
        add_product(joint[layer], joint_scale[layer], normal, joined)
        for stream in range(streams):
            parts = joined[stream].reshape(-1, size)
            for group in range(groups):
                key = keys[layer, stream, group, slot]
                _normalise(parts[heads + group], key)
                _turn(key, cosines[group], sines[group], np.float32(1))
                values[layer, stream, group, slot] = parts[heads + groups + group]
                for index in range(group * share, (group + 1) * share):
                    _normalise(parts[index], parts[index])
                    _turn(parts[index], cosines[group], sines[group], sharpness[layer, index])
                _attend(
                    parts[group * share : (group + 1) * share],
                    keys[layer, stream, group],
                    values[layer, stream, group],
                    count,
                    scratch,
                    attended[stream].reshape(-1, size)[group * share : (group + 1) * share],
                )
            for index in range(heads):
                opened = np.float32(0)
                for i in range(width):
                    opened += gate[layer, index, i] * normal[stream, i]
                attended[stream, index * size : (index + 1) * size] *= np.float32(2) / (np.float32(1) + np.exp(-opened))
        add_product(out[layer], out_scale[layer], attended, x)
        for stream in range(streams):
            _normalise(x[stream], normal[stream])
        hidden[:] = 0
        add_product(up[layer], up_scale[layer], normal, hidden)
        for stream in range(streams):
            for i in range(hidden.shape[1]):
                positive = max(hidden[stream, i], np.float32(0))
                hidden[stream, i] = positive * positive
        add_sparse_product(down[layer], down_scale[layer], hidden, x)
    for stream in range(streams):
        _normalise(x[stream], normal[stream])
    logits[:] = 0
    add_product(head, head_scale, normal, logits)
    position[0] += 1
