"""A WaveNet's layers in training as compiled loops: forward, and backward by hand, for processors with pair_sums.

A few hundred rows go through all layers before the next ones do, so that what a layer hands on is still in the nearest
cache, and the gate works on sums that have just been made. Rows are frames of streams, time first. Weights come as
pairs (see `waveform.bf16_products`); what runs from layer to layer is float32, what is kept for backward bfloat16.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from models.common.compiled import inner
from models.common.vectors import add_repeated, add_rows, put_repeated
from models.textures.waveform.bf16_products import (
    ROWS,
    Floats,
    Halves,
    Pairs,
    add_product,
    compiled,
    pair_rows,
    round_all,
    rounded,
    widen_all,
)
from models.textures.waveform.class_choice import exponentials

ZERO: Final = np.float32(0)
ONE: Final = np.float32(1)
MIDDLE: Final = np.float32(0.5)


class Shape(NamedTuple):
    """Of what goes through: `rows` are frames times `streams`, a multiple of 8; `block` frames share a stream's bias.

    So many rows as `tile` go through all layers together: whole frames, and a multiple of 8.
    """

    rows: int
    streams: int
    block: int
    width: int
    skip: int
    tile: int


class ForwardWeights(NamedTuple):
    """Of all layers, flat but for the first axis. The gate's halves come one after the other, as if layers were twice
    as many: `bias` [2L x blocks * streams * C], `past`, `now` [2L x C/2 * C]; `residual` [L x C/2 * C] and `skip`
    [L x C/2 * skip] are twice the weights (see `gated_stack.MIDDLE`), `residual_bias` [L x C]."""

    bias: Floats
    past: Pairs
    now: Pairs
    residual: Pairs
    residual_bias: Floats
    skip: Pairs


class BackwardWeights(NamedTuple):
    """The same the other way: `past`, `now` [2L x C/2 * C], `residual` [L x C/2 * C], `skip` [L x skip/2 * C]."""

    past: Pairs
    now: Pairs
    residual: Pairs
    skip: Pairs


class Kept(NamedTuple):
    """What backward needs: `heard`, of each layer [(reach + rows) * C], its inputs behind those of its reach before,
    one layer after the other; `gates` [2L x (rows + 8) * C], its halves after their sigmoid, which backward overwrites
    with their gradients; `z` [L x rows * C]."""

    heard: Halves
    gates: Halves
    z: Halves


class Gradients(NamedTuple):
    """Of all weights, float32, none of them twice: `bias` [2L x blocks * streams * C], `past`, `now` [2L x C * C],
    `residual` [L x C * C], `residual_bias` [L x C], `skip` [L x C * skip]."""

    bias: Floats
    past: Floats
    now: Floats
    residual: Floats
    residual_bias: Floats
    skip: Floats


@compiled
def forward(x, reach, places, shape, weights, kept, pairs_heard, pairs_z, skipped):  # type: ignore[no-untyped-def]
    """Fills in `kept` and skipped [rows * skip], which begins with noughts, from x [rows * C], which is used up.

    reach: rows before its own where a layer's past input lies; pairs_heard, pairs_z: arrays of `kept` as uint32.
    """
    width, skip, step = shape.width, shape.skip, shape.width // 2
    halves, room = np.empty((2, shape.tile * width), np.float32), np.empty(shape.tile * width, np.float32)
    for begin in range(0, shape.rows, shape.tile):
        rows = min(shape.tile, shape.rows - begin)
        own, brought = x[begin * width : (begin + rows) * width], skipped[begin * skip :]
        for layer in range(len(reach)):
            away, at = reach[layer], (places[layer] + begin) * step
            round_all(own, kept.heard[(places[layer] + away + begin) * width :])
            for half in range(2):
                gate, number = halves[half, : rows * width], 2 * layer + half
                _share_bias(gate, weights.bias[number], shape, begin, False)
                add_product(gate, width, pairs_heard, at, step, 1, weights.past[number], 0, step, rows)
                add_product(gate, width, pairs_heard, at + away * step, step, 1, weights.now[number], 0, step, rows)
                _open(gate, room, kept.gates[number][begin * width :])
            _put_gated(halves[0, : rows * width], halves[1], kept.z[layer][begin * width :])
            add_product(brought, skip, pairs_z[layer], begin * step, step, 1, weights.skip[layer], 0, step, rows)
            if layer + 1 < len(reach):
                add_repeated(weights.residual_bias[layer], own, rows)
                add_product(own, width, pairs_z[layer], begin * step, step, 1, weights.residual[layer], 0, step, rows)


@inner
def _share_bias(gate, bias, shape, begin, back):  # type: ignore[no-untyped-def]
    """gate [rows * C] = the bias of each row's block and stream; on the way `back`, that += gate."""
    of_frame = shape.streams * shape.width
    first, end = begin // shape.streams, begin // shape.streams + len(gate) // of_frame
    at = 0
    while first < end:
        block = first // shape.block
        frames = min(end, (block + 1) * shape.block) - first
        own = bias[block * of_frame : (block + 1) * of_frame]
        if back:
            add_rows(gate[at:], frames, own)
        else:
            put_repeated(own, gate[at:], frames)
        at += frames * of_frame
        first += frames


@inner
def _open(gate, room, opened):  # type: ignore[no-untyped-def]
    """gate [n] = its sigmoid, and opened [n] the same in bfloat16; room [n] is used."""
    exponentials(gate, len(gate), -ONE, room)
    for i in range(len(gate)):
        gate[i] = ONE / (ONE + room[i])
    round_all(gate, opened)


@inner
def _put_gated(a, b, z):  # type: ignore[no-untyped-def]
    """z [n] of both halves of the gate, opened."""
    for i in range(len(a)):
        z[i] = rounded((a[i] - MIDDLE) * b[i])


class Room(NamedTuple):
    """Of a tile on its way back: its gate's `halves`, gradients of its z and of its x, and pairs of rows."""

    halves: Floats
    of_z: Floats
    of_x: Halves
    pairs_x: Pairs
    left: Pairs
    right: Pairs
    of_skip: Pairs


@compiled
def backward(gradient, pairs_gradient, reach, places, shape, weights, kept, pairs_gates, room, of_x, found):  # type: ignore[no-untyped-def]
    """Fills in of_x [rows * C] and `found`, both of which begin with noughts.

    gradient: that of what was skipped [rows * skip], bfloat16, and as pairs; pairs_gates: `kept.gates` as uint32.
    """
    width, skip, step, last = shape.width, shape.skip, shape.skip // 2, len(reach) - 1
    for begin in range((shape.rows - 1) // shape.tile * shape.tile, -1, -shape.tile):
        rows = min(shape.tile, shape.rows - begin)
        own, of_z = of_x[begin * width : (begin + rows) * width], room.of_z[: rows * width]
        pair_rows(gradient[begin * skip :], skip, rows, room.of_skip)
        for layer in range(last, -1, -1):
            for i in range(len(of_z)):
                of_z[i] = ZERO
            add_product(of_z, width, pairs_gradient, begin * step, step, 1, weights.skip[layer], 0, step, rows)
            pair_rows(kept.z[layer][begin * width :], width, rows, room.left)
            add_product(found.skip[layer], skip, room.left, 0, 1, width, room.of_skip, 0, rows // 2, width)
            if layer < last:
                _through_residual(layer, own, rows, width, weights, room, found)
            _through_gate(layer, begin, of_z, shape, kept, room, found)
            places_of = (reach[layer], places[layer])
            _through_taps(layer, begin, rows, places_of, shape, weights, kept, pairs_gates, room, own, found)


@inner
def _through_residual(layer, own, rows, width, weights, room, found):  # type: ignore[no-untyped-def]
    """Adds to the gradient of a layer's z, and to those of its residual, from that of the next one's input."""
    round_all(own, room.of_x)
    step = width // 2
    add_product(room.of_z, width, room.pairs_x, 0, step, 1, weights.residual[layer], 0, step, rows)
    pair_rows(room.of_x, width, rows, room.right[0])
    add_product(found.residual[layer], width, room.left, 0, 1, width, room.right[0], 0, rows // 2, width)
    add_rows(own, rows, found.residual_bias[layer])


@inner
def _through_gate(layer, begin, of_z, shape, kept, room, found):  # type: ignore[no-untyped-def]
    """What was kept of both halves of the gate becomes the gradient of what enters them, from that of z [rows * C]."""
    at, end = begin * shape.width, begin * shape.width + len(of_z)
    a, b = room.halves[0, : len(of_z)], room.halves[1, : len(of_z)]
    widen_all(kept.gates[2 * layer][at:end], a)
    widen_all(kept.gates[2 * layer + 1][at:end], b)
    _close(a, b, of_z)
    for half in range(2):
        gate, number = room.halves[half, : len(of_z)], 2 * layer + half
        round_all(gate, kept.gates[number][at:])
        _share_bias(gate, found.bias[number], shape, begin, True)


@inner
def _close(a, b, of_z):  # type: ignore[no-untyped-def]
    """Both halves [n] become their gradients, from that of z = (a - 1/2) b [n]."""
    for i in range(len(a)):
        own = of_z[i] * b[i]
        of_b = own * ((a[i] - MIDDLE) * (ONE - b[i]))
        a[i] = own * (a[i] * (ONE - a[i]))
        b[i] = of_b


@inner
def _through_taps(layer, begin, rows, places_of, shape, weights, kept, pairs_gates, room, own, found):  # type: ignore[no-untyped-def]
    """Adds to the gradient `own` [rows * C] of a layer's input what both taps bring there, and to that of both taps.

    places_of: how many rows before its own the past tap's input lies, and where the layer's begin in what was heard.
    """
    away, place = places_of
    width, step, left, right = shape.width, shape.width // 2, room.left, room.right
    later = min(rows, shape.rows - begin - away)
    later = -(-later // ROWS) * ROWS  # behind the last rows there are noughts
    for half in range(2):
        number = 2 * layer + half
        gate = pairs_gates[number]
        add_product(own, width, gate, begin * step, step, 1, weights.now[number], 0, step, rows)
        if later > 0:
            add_product(own, width, gate, (begin + away) * step, step, 1, weights.past[number], 0, step, later)
        pair_rows(kept.gates[number][begin * width :], width, rows, right[half])
    for at, taps in ((place + begin, found.past), (place + begin + away, found.now)):
        pair_rows(kept.heard[at * width :], width, rows, left)
        for half in range(2):
            add_product(taps[2 * layer + half], width, left, 0, 1, width, right[half], 0, rows // 2, width)
