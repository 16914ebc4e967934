"""The compiled loop that draws a block of frames: a frame through all layers, a class for each stream, the next frame.

numba compiles it once per machine and keeps it on disk. It does not see changes in `kernel_products` or `class_choice`:
after one, remove the `__pycache__` folders. Every sum runs in the same order for any number of streams
and on every processor: no fused multiply-add, no library's exponential, no BLAS.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from models.common.vectors import add, put
from models.textures.audio.linear_prediction import WINDOW, forecast, level_of
from models.textures.audio.mu_law import CLASSES
from models.textures.products.kernel_products import START, compiled, product
from models.textures.spectral.arithmetic import add_product
from models.textures.waveform.class_choice import CLASS_VALUES, EVERY_CLASS, ONE, add_nearness, choose, exponentials
from models.textures.wavenet.kernel_structures import Workspace
from models.textures.wavenet.packing import TOGETHER

TWO: Final = np.float32(2.0)
ZERO: Final = np.float32(0.0)


@compiled
def draw_block(frame, sizes, dilations, weights, biases, taps, sketch, state, chances, temperature, drawn):  # type: ignore[no-untyped-def]
    """Draws frames for all streams; `state` and `drawn` are changed in place. With no `taps` nothing is predicted."""
    streams = len(state.last)
    work = _workspace(streams, sizes)
    last, away, scores, hidden, levels = state.last, state.away, work.scores, work.hidden, work.levels
    spread, spread_bias, head_channels = weights.spread, weights.spread_bias, sizes.head_channels
    for step in range(len(chances)):
        _begin(step, sizes, weights, taps, sketch, state, work)
        w_at = _through_layers(frame + step, sizes, dilations, weights, biases, state, work)
        _score(w_at, sizes, weights, work, streams)
        for stream in range(streams):
            if len(taps):
                add_nearness(scores, stream, hidden, head_channels, levels[stream], spread, spread_bias)
            chosen = choose(scores, stream * CLASSES, chances[step, stream], temperature, work.fractions)
            last[stream] = chosen
            away[stream, WINDOW + step] = CLASS_VALUES[chosen] - sketch[stream, step]
            drawn[step, stream] = chosen


@compiled
def add_biases(total, gate_bias, styles, style, conditions, condition):  # type: ignore[no-untyped-def]
    """total [layers x width x gates] += gate_bias + styles @ style + conditions @ condition, for those that hear."""
    for layer in range(len(total)):
        for stream in range(len(styles)):
            add(gate_bias[layer], total[layer, stream])
            add_product(total[layer, stream], styles[stream], style[layer])
            add_product(total[layer, stream], conditions[stream], condition[layer])


@compiled
def _workspace(streams, sizes):  # type: ignore[no-untyped-def]
    gates = streams * 2 * sizes.channels
    room = max(gates, 2 * CLASSES)
    return Workspace(
        np.empty(streams * sizes.channels, np.float32),
        np.empty(streams * sizes.channels, np.float32),
        np.empty(streams * sizes.channels * TOGETHER, np.float32),
        np.empty(gates, np.float32),
        np.empty(streams * sizes.skip_channels, np.float32),
        np.empty(streams * sizes.head_channels, np.float32),
        np.empty(streams * CLASSES, np.float32),
        np.empty(room, np.float32),
        np.zeros(streams, np.int64),
    )


@compiled
def _begin(step, sizes, weights, taps, sketch, state, work):  # type: ignore[no-untyped-def]
    """What enters the first layer: the last class of each stream, and what is predicted for the next."""
    channels, skip_channels = sizes.channels, sizes.skip_channels
    embedding, skip_bias, predicted = weights.embedding, weights.skip_bias, weights.predicted
    last, away, x, skipped, levels = state.last, state.away, work.x, work.skipped, work.levels
    for stream in range(len(last)):
        put(embedding[last[stream] * channels : (last[stream] + 1) * channels], x[stream * channels :])
        put(skip_bias, skipped[stream * skip_channels :])
        if len(taps):
            levels[stream] = level_of(sketch[stream, step] + forecast(away[stream], WINDOW + step, taps[stream]))
            for i in range(channels):
                x[stream * channels + i] += predicted[levels[stream] * channels + i]


@compiled
def _through_layers(at, sizes, dilations, weights, biases, state, work):  # type: ignore[no-untyped-def]
    """All gated layers at frame `at`; where the matrices of the head begin."""
    streams, channels = len(state.last), sizes.channels
    per_stream = 2 * channels
    matrices, residual_bias, rings = weights.matrices, weights.residual_bias, state.rings
    x, z, waiting, gates = work.x, work.z, work.waiting, work.gates
    skipped, fractions = work.skipped, work.fractions
    skip_channels = sizes.skip_channels
    ring, w_at = 0, START
    for layer in range(sizes.layers):
        slot = ring + at % dilations[layer] * streams * channels
        ring += dilations[layer] * streams * channels
        put(biases[layer * len(gates) : (layer + 1) * len(gates)], gates)
        product(gates, per_stream, rings, slot, channels, matrices, w_at, streams)
        w_at += channels * per_stream
        product(gates, per_stream, x, START, channels, matrices, w_at, streams)
        w_at += channels * per_stream
        put(x, rings[slot:])
        exponentials(gates, len(gates), -ONE, fractions)
        first_together = layer - layer % TOGETHER
        rows = min(TOGETHER, sizes.layers - first_together) * channels
        own_bias = residual_bias[layer * channels : (layer + 1) * channels]
        for stream in range(streams):
            first, here = stream * per_stream, stream * channels
            own = z[here : here + channels]
            _gate(fractions[first : first + channels], fractions[first + channels :], own)
            put(own, waiting[stream * rows + (layer - first_together) * channels :])
            add(own_bias, x[here:])
        product(x, channels, z, START, channels, matrices, w_at, streams)
        w_at += channels * channels
        if (layer + 1 - first_together) * channels == rows:
            product(skipped, skip_channels, waiting, START, rows, matrices, w_at, streams)
            w_at += rows * skip_channels
    return w_at


@compiled
def _gate(a, b, z):  # type: ignore[no-untyped-def]
    """z [C] = tanh of one half of the gate times sigmoid of the other, from the exponentials of both [C], negated.

    Of arrays from their beginning on: for indices that might count from the end there are no vectors.
    """
    for i in range(len(z)):
        z[i] = (TWO / (ONE + a[i]) - ONE) / (ONE + b[i])


@compiled
def _score(w_at, sizes, weights, work, streams):  # type: ignore[no-untyped-def]
    """The head: from what the layers handed past it to a score for every class."""
    head_channels = sizes.head_channels
    hidden, scores, skipped = work.hidden, work.scores, work.skipped
    matrices, head_bias, out_bias = weights.matrices, weights.head_bias, weights.out_bias
    for stream in range(streams):
        put(head_bias, hidden[stream * head_channels :])
        put(out_bias, scores[stream * CLASSES :])
    for i in range(len(skipped)):
        skipped[i] = max(skipped[i], ZERO)
    product(hidden, head_channels, skipped, START, sizes.skip_channels, matrices, w_at, streams)
    w_at += sizes.skip_channels * head_channels
    for i in range(len(hidden)):
        hidden[i] = max(hidden[i], ZERO)
    product(scores, EVERY_CLASS, hidden, START, head_channels, matrices, w_at, streams)
