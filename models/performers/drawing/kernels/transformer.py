"""One step of the Piano Transformer as compiled loops, with the keys and values of earlier events in a cache.

A step reads every weight once, as small integers (see `kernels.packed_products`), and of the cache what each layer
looks back at. Squared ReLU leaves most hidden units at zero: the rows of the way back that belong to them are not
read at all, nor are those of keys that are silent. Sums are taken in float32.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.common.compiled import inner
from models.common.vectors import add, put
from models.performers.drawing.kernels.attention import attend, write_key
from models.performers.drawing.kernels.exponentials import sigmoid
from models.performers.drawing.kernels.packed_products import (
    Floats,
    Packed,
    add_product,
    add_sparse_product,
    compiled,
    dot,
)
from models.performers.drawing.kernels.pointer import PointerMemory, PointerWeights, point
from models.performers.networks.transformer_sizes import FAR_EVERY, RECALL
from models.performers.vocabulary.keyboard_state import NOW, STATE_SIZE, show, take

EPSILON = np.float32(1e-6)


@inner
def _normalise(x: Floats, out: Floats) -> None:
    """x [n] divided by its root mean square."""
    scale = np.float32(1) / np.sqrt(dot(x, x) / np.float32(len(x)) + EPSILON)
    for i in range(len(x)):
        out[i] = x[i] * scale


@inner
def _rotate(x: Floats, cosines: Floats, sines: Floats, factor: np.float32) -> None:
    """Pairs (i, i + half) of x [size] rotated in place, and lengthened by a factor."""
    half = len(cosines)
    for i in range(half):
        a, b = x[i], x[i + half]
        x[i] = (a * cosines[i] - b * sines[i]) * factor
        x[i + half] = (a * sines[i] + b * cosines[i]) * factor


class Weights(NamedTuple):
    """Everything that is learnt; matrices are packed (see `kernels.packed_products`), and each has its scale.

    `tables` [recent x vocabulary x width] are the input products of events, `state` (state to width) that of the
    keyboard. Of each layer: `qkv` (width to queries, keys and values), `gate` [heads x width], `logit_scale` [heads],
    `sink` [heads] (logit of attending to nothing), `out` (queries to width), `up` (width to hidden), `down` (hidden to
    width); `head` (width to vocabulary) ends it.
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
    `keyboard` [MEMORY_SIZE], `position` [1] counts events. `keys` and `values` [layers x S x groups x …], first those
    of layers that look at what is near, then those of layers that look at all, are kept as `kernels.attention` has
    them, for the slots that they use over and over: so a step is compiled for any number of layers. `newest` [layers x
    S x size] are the last keys of the group that recalls, `scratch` is for the attention, and `pointer` what the
    pointer remembers.
    """

    condition: Floats
    recent: NDArray[np.int64]
    keyboard: NDArray[np.int64]
    position: NDArray[np.int64]
    keys: tuple[Floats, Floats]
    values: tuple[Floats, Floats]
    newest: Floats
    logits: Floats
    scratch: Floats
    pointer: PointerMemory


@compiled
def step(event: int, weights: Weights, memory: Memory) -> None:
    """Takes one event into all streams and leaves the logits of the next; what they remember moves on in place."""
    x = _taken(event, weights, memory)
    cosines, sines = _rotation(weights, memory)
    streams, width = x.shape
    normal, hidden = np.empty((streams, width), np.float32), np.empty((streams, 2 * width), np.float32)
    for stream in range(streams):
        put(x[stream], hidden[stream])
    for layer in range(len(weights.reach)):
        _normalise_all(x, normal)
        attended = _attention(layer, normal, cosines, sines, weights, memory)
        add_product(weights.out[layer], weights.out_scale[layer], attended, x)
        _normalise_all(x, normal)
        _add_hidden(layer, normal, weights, x)
    _normalise_all(x, normal)
    memory.logits[:] = 0
    add_product(weights.head, weights.head_scale, normal, memory.logits)
    for stream in range(streams):
        put(normal[stream], hidden[stream, width:])
    point(event, memory.position[0], hidden, weights.pointer, memory.pointer, memory.logits)
    memory.position[0] += 1


@inner
def _taken(event: int, weights: Weights, memory: Memory) -> Floats:
    """The first layer's input [S x width] after an event."""
    take(memory.keyboard, event)
    for back in range(len(memory.recent) - 1, 0, -1):
        memory.recent[back] = memory.recent[back - 1]
    memory.recent[0] = event
    seen = np.empty((1, STATE_SIZE), np.float32)
    show(memory.keyboard, seen[0])
    x = np.zeros(memory.condition.shape, np.float32)
    add_sparse_product(weights.state, weights.state_scale, seen, x[:1])
    for back in range(len(memory.recent)):
        add(weights.tables[back, memory.recent[back]], x[0])
    told = np.empty(len(x[0]), np.float32)
    for stream in range(len(x) - 1, -1, -1):
        put(x[0], told)
        add(memory.condition[stream], told)
        _normalise(told, x[stream])
    return x


@inner
def _rotation(weights: Weights, memory: Memory) -> tuple[Floats, Floats]:
    """Cosines and sines [groups x size / 2] of the present place, in events and in time; recall is not turned."""
    cosines, sines = np.ones(weights.rotary.shape, np.float32), np.zeros(weights.rotary.shape, np.float32)
    for group, place in enumerate((memory.position[0], memory.keyboard[NOW])):
        for i in range(weights.rotary.shape[1]):
            angle = weights.rotary[group, i] * place
            cosines[group, i], sines[group, i] = np.cos(angle), np.sin(angle)
    return cosines, sines


@inner
def _attention(layer: int, normal: Floats, cosines: Floats, sines: Floats, weights: Weights, memory: Memory) -> Floats:
    """What the heads of a layer bring [S x queries] from the events before; keys and values are kept."""
    groups, _, size = memory.keys[0].shape[2:5]
    kind, place = _kept_at(layer)
    heads = weights.logit_scale.shape[1]
    share = heads // groups
    slot = memory.position[0] % weights.reach[layer]
    count = min(memory.position[0] + 1, weights.reach[layer])
    qkv = np.zeros((len(normal), weights.qkv_scale.shape[1]), np.float32)
    add_product(weights.qkv[layer], weights.qkv_scale[layer], normal, qkv)
    attended = np.empty((len(normal), heads * size), np.float32)
    for stream in range(len(normal)):
        parts, brought = qkv[stream].reshape(-1, size), attended[stream].reshape(-1, size)
        for group in range(groups):
            keys, values = memory.keys[kind][place, stream, group], memory.values[kind][place, stream, group]
            newest = memory.newest[layer, stream]
            _keep_key(parts[heads + group], group, cosines[group], sines[group], keys, slot, newest)
            put(parts[heads + groups + group], values[slot])
            mine = slice(group * share, (group + 1) * share)
            for index in range(group * share, (group + 1) * share):
                _normalise(parts[index], parts[index])
                _rotate(parts[index], cosines[group], sines[group], weights.logit_scale[layer, index])
            attend(parts[mine], keys, values, count, weights.sink[layer, mine], memory.scratch, brought[mine])
        _open(weights.gate[layer], normal[stream], brought)
    return attended


@inner
def _kept_at(layer: int) -> tuple[int, int]:
    """Whether a layer looks at what is near (0) or at all (1), and its place among those that do."""
    far = layer // FAR_EVERY
    return (1, far) if layer % FAR_EVERY == FAR_EVERY - 1 else (0, layer - far)


@inner
def _keep_key(
    part: Floats, group: int, cosines: Floats, sines: Floats, keys: Floats, slot: int, newest: Floats
) -> None:
    """Writes a key [size] into its slot; in the group that recalls, that of the event before."""
    _normalise(part, part)
    if group == RECALL:
        write_key(keys, slot, newest)
        put(part, newest)
    else:
        _rotate(part, cosines, sines, np.float32(1))
        write_key(keys, slot, part)


@inner
def _open(gate: Floats, normal: Floats, brought: Floats) -> None:
    """What each head brings [heads x size] times twice the sigmoid of its gate [heads x width]."""
    for head in range(len(gate)):
        opened = np.float32(2) * sigmoid(dot(gate[head], normal))
        for i in range(brought.shape[1]):
            brought[head, i] *= opened


@inner
def _add_hidden(layer: int, normal: Floats, weights: Weights, x: Floats) -> None:
    """Adds the feed-forward part of a layer to x [S x width]: squared ReLU between two products."""
    hidden = np.zeros((len(normal), weights.up_scale.shape[1]), np.float32)
    add_product(weights.up[layer], weights.up_scale[layer], normal, hidden)
    for stream in range(len(hidden)):
        for i in range(hidden.shape[1]):
            positive = max(hidden[stream, i], np.float32(0))
            hidden[stream, i] = positive * positive
    add_sparse_product(weights.down[layer], weights.down_scale[layer], hidden, x)


@inner
def _normalise_all(x: Floats, out: Floats) -> None:
    for stream in range(len(x)):
        _normalise(x[stream], out[stream])
