"""The compiled loop that draws a block of frames: a frame through all layers, a class for each stream, the next frame.

numba compiles it once per machine and keeps it on disk. It does not see changes in `kernel_products` or `class_choice`:
after one, remove the `__pycache__` folders. Every sum runs in the same order for any number of streams
and on every processor: no fused multiply-add, no library's exponential, no BLAS.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from models.common.compiled import inner
from models.common.vectors import add, add_everywhere, put, put_everywhere, put_rows, rectify
from models.textures.audio.linear_prediction import WINDOW, forecast, level_of
from models.textures.audio.mu_law import CLASSES
from models.textures.products.kernel_products import START, compiled, product
from models.textures.spectral.arithmetic import add_product
from models.textures.waveform.class_choice import ONE, add_nearness, choose, exponential_of, value_of
from models.textures.wavenet.kernel_structures import Workspace
from models.textures.wavenet.packing import TOGETHER

TWO: Final = np.float32(2.0)


@compiled
def draw_block(frame, dilations, weights, biases, taps, sketch, state, chances, temperature, fineness, drawn):  # type: ignore[no-untyped-def]
    """Draws frames for all streams; `state` and `drawn` are changed in place. With no `taps` nothing is predicted."""
    last, away = state.last, state.away
    work = _workspace(len(last), weights)
    hidden, scores, levels = work.hidden, work.scores, work.levels
    for step in range(len(chances)):
        _begin(step, weights, taps, sketch, state, work)
        w_at = _through_layers(frame + step, dilations, weights, biases, state.rings, work)
        _score(w_at, weights, work)
        for stream in range(len(last)):
            own = scores[stream]
            if len(taps):
                add_nearness(own, hidden[stream], levels[stream], weights.spread, weights.spread_bias)
            chosen = choose(own, chances[step, stream], temperature, work.room)
            last[stream] = chosen
            value = value_of(chosen, work.expected[stream], fineness)
            away[stream, WINDOW + step] = value - sketch[stream, step]
            drawn.classes[step, stream], drawn.values[step, stream] = chosen, value


@compiled
def add_biases(total, gate_bias, styles, style, conditions, condition):  # type: ignore[no-untyped-def]
    """total [layers x width x gates] += gate_bias + styles @ style + conditions @ condition, for those that hear."""
    for layer in range(len(total)):
        for stream in range(len(styles)):
            add(gate_bias[layer], total[layer, stream])
            add_product(total[layer, stream], styles[stream], style[layer])
            add_product(total[layer, stream], conditions[stream], condition[layer])


@inner
def _workspace(streams, weights):  # type: ignore[no-untyped-def]
    channels = weights.embedding.shape[1]
    return Workspace(
        np.empty((streams, 2 * channels), np.float32),
        np.empty((streams, 2 * channels), np.float32),
        np.empty((streams, TOGETHER * channels), np.float32),
        np.empty((streams, len(weights.skip_bias)), np.float32),
        np.empty((streams, len(weights.head_bias)), np.float32),
        np.empty((streams, CLASSES), np.float32),
        np.empty(CLASSES, np.float32),
        np.zeros(streams, np.int64),
        np.zeros(streams),
    )


@inner
def _begin(step, weights, taps, sketch, state, work):  # type: ignore[no-untyped-def]
    """What enters the first layer: the last class of each stream, and what is predicted for the next."""
    last, away, heard, levels = state.last, state.away, work.heard, work.levels
    channels = weights.embedding.shape[1]
    put_everywhere(weights.skip_bias, work.skipped, START)
    for stream in range(len(last)):
        x = heard[stream, channels:]
        put(weights.embedding[last[stream]], x)
        if len(taps):
            work.expected[stream] = sketch[stream, step] + forecast(away[stream], WINDOW + step, taps[stream])
            levels[stream] = level_of(work.expected[stream])
            add(weights.predicted[levels[stream]], x)


@inner
def _through_layers(at, dilations, weights, biases, rings, work):  # type: ignore[no-untyped-def]
    """All gated layers at frame `at`; where the matrices of the head begin."""
    heard, gates, waiting, skipped = work.heard, work.gates, work.waiting, work.skipped
    layers, channels = weights.residual_bias.shape
    matrices, ring, w_at = weights.matrices, START, START
    for layer in range(layers):
        slots = len(heard) * channels
        _hear(heard, rings, ring + at % dilations[layer] * slots)
        ring += dilations[layer] * slots
        put_rows(biases[layer], gates)
        w_at = product(gates, START, 2 * channels, heard, START, 2 * channels, matrices, w_at)
        place = layer % TOGETHER * channels
        _gate(gates, waiting, place)
        add_everywhere(weights.residual_bias[layer], heard, channels)
        w_at = product(heard, channels, channels, waiting, place, channels, matrices, w_at)
        if layer % TOGETHER == TOGETHER - 1 or layer == layers - 1:
            w_at = product(skipped, START, skipped.shape[1], waiting, START, place + channels, matrices, w_at)
    return w_at


@inner
def _hear(heard, rings, slot):  # type: ignore[no-untyped-def]
    """The left half of `heard` from a slot of the rings, to which the right half, what is heard now, goes."""
    width, first = np.uintp(heard.shape[1] // 2), np.uintp(slot)  # signed indices would forbid vectors
    for stream in range(np.uintp(len(heard))):
        for i in range(width):
            place = first + stream * width + i
            heard[stream, i] = rings[place]
            rings[place] = heard[stream, width + i]


@inner
def _gate(gates, out, first):  # type: ignore[no-untyped-def]
    """out[:, first : first + C] = tanh of one half of each gate [2C] times sigmoid of the other.

    Both from exponentials; the network's tanh takes half of what enters it.
    """
    width, start = np.uintp(gates.shape[1] // 2), np.uintp(first)
    for stream in range(len(gates)):
        for i in range(width):
            a, b = exponential_of(-gates[stream, i]), exponential_of(-gates[stream, width + i])
            out[stream, start + i] = (TWO / (ONE + a) - ONE) / (ONE + b)


@inner
def _score(w_at, weights, work):  # type: ignore[no-untyped-def]
    """The head: from what the layers handed past it to a score for every class."""
    hidden, scores, skipped = work.hidden, work.scores, work.skipped
    put_everywhere(weights.head_bias, hidden, START)
    put_everywhere(weights.out_bias, scores, START)
    rectify(skipped)
    w_at = product(hidden, START, hidden.shape[1], skipped, START, skipped.shape[1], weights.matrices, w_at)
    rectify(hidden)
    product(scores, START, scores.shape[1], hidden, START, hidden.shape[1], weights.matrices, w_at)
