"""The compiled loop that draws a block: recurrent tiers where a frame of theirs begins, then value by value.

What a recurrent tier computes serves a whole frame, so it runs once for 64 or 16 values. As in the WaveNet's loop every
sum runs in the same order for any number of streams and on every processor, and numba does not see changes in
`products.kernel_products` or `waveform.class_choice`: after one, remove the `__pycache__` folders.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.common.vectors import put
from models.textures.audio.linear_prediction import WINDOW, forecast, level_of
from models.textures.audio.mu_law import CLASSES, SILENCE
from models.textures.products.kernel_products import START, compiled, product
from models.textures.waveform.class_choice import CLASS_VALUES, EVERY_CLASS, ONE, add_nearness, choose, exponentials

Floats = NDArray[np.float32]
TWO: Final = np.float32(2.0)
ZERO: Final = np.float32(0.0)
UNIT: Final = np.float32(4.0 / SILENCE)
"""Of a class in a frame, counted from silence; as in `samplernn.network`."""


class Tier(NamedTuple):
    """A recurrent tier: values in a frame, width, how much it says to the tier below, and its numbers."""

    frames: int
    width: int
    outputs: int
    matrices: Floats
    bias_heard: Floats
    bias_remembered: Floats


class Lowest(NamedTuple):
    """The tier that draws values; `tables` flat [heard x 256 x channels]."""

    heard: int
    channels: int
    tables: Floats
    matrices: Floats
    hidden_bias: Floats
    out_bias: Floats
    foretold: Floats
    spread: Floats
    spread_bias: Floats


class Told(NamedTuple):
    """What style and conditions say to each tier in this block, flat [streams x width]."""

    top: Floats
    middle: Floats
    lowest: Floats


class State(NamedTuple):
    """What streams remember: both recurrent tiers, flat [streams x width]; classes from silence [streams x (top frame +
    block)]; how far what was drawn is from the sketch [streams x (window + block)]."""

    top: Floats
    middle: Floats
    known: NDArray[np.int64]
    away: Floats


class Workspace(NamedTuple):
    """What is computed in."""

    frame: Floats
    hears: Floats
    taken: Floats
    remembered: Floats
    gates: Floats
    top_says: Floats
    middle_says: Floats
    x: Floats
    hidden: Floats
    scores: Floats
    levels: NDArray[np.int64]
    fractions: Floats


@compiled
def draw_block(top, middle, lowest, told, taps, sketch, state, chances, temperature, drawn):  # type: ignore[no-untyped-def]
    """Draws frames for all streams; `state` and `drawn` are changed in place. With no `taps` nothing is predicted."""
    streams = len(state.known)
    work = _workspace(streams, top, middle, lowest)
    known, away, scores = state.known, state.away, work.scores
    for step in range(len(chances)):
        at = top.frames + step
        if step % top.frames == 0:
            put(told.top, work.hears)
            _hear(top, known, at, state.top, work, work.top_says)
        if step % middle.frames == 0:
            moment = step % top.frames // middle.frames
            _add_said(middle.width, moment, top.outputs, told.middle, work.top_says, work.hears)
            _hear(middle, known, at, state.middle, work, work.middle_says)
        _add_said(lowest.channels, step % middle.frames, middle.outputs, told.lowest, work.middle_says, work.x)
        _score(lowest, step, at, taps, sketch, state, work)
        for stream in range(streams):
            chosen = choose(scores, stream * CLASSES, chances[step, stream], temperature, work.fractions)
            known[stream, at] = chosen - SILENCE
            away[stream, WINDOW + step] = CLASS_VALUES[chosen] - sketch[stream, step]
            drawn[step, stream] = chosen


@compiled
def _workspace(streams, top, middle, lowest):  # type: ignore[no-untyped-def]
    width = max(top.width, middle.width)
    room = max(streams * 2 * width, 2 * CLASSES)
    return Workspace(
        np.empty(streams * max(top.frames, middle.frames), np.float32),
        np.empty(streams * width, np.float32),
        np.empty(streams * 3 * width, np.float32),
        np.empty(streams * 3 * width, np.float32),
        np.empty(streams * 2 * width, np.float32),
        np.empty(streams * top.outputs, np.float32),
        np.empty(streams * middle.outputs, np.float32),
        np.empty(streams * lowest.channels, np.float32),
        np.empty(streams * lowest.channels, np.float32),
        np.empty(streams * CLASSES, np.float32),
        np.zeros(streams, np.int64),
        np.empty(room, np.float32),
    )


@compiled
def _add_said(width, moment, outputs, told, said, out):  # type: ignore[no-untyped-def]
    """out [streams x width] = told + what the tier above says of a moment, said [streams x outputs]."""
    for stream in range(len(told) // width):
        for i in range(width):
            out[stream * width + i] = told[stream * width + i] + said[stream * outputs + moment * width + i]


@compiled
def _hear(tier, known, at, memory, work, said):  # type: ignore[no-untyped-def]
    """One step of a recurrent tier: `work.hears` holds what it is told, and is used up; `memory` and `said` change."""
    streams, frames, width, matrices = len(known), tier.frames, tier.width, tier.matrices
    frame, hears, taken, remembered = work.frame, work.hears, work.taken, work.remembered
    for stream in range(streams):
        for i in range(frames):
            frame[stream * frames + i] = np.float32(known[stream, at - frames + i]) * UNIT
        put(tier.bias_heard, taken[stream * 3 * width :])
        put(tier.bias_remembered, remembered[stream * 3 * width :])
    w_at = START
    product(hears, width, frame, START, frames, matrices, w_at, streams)
    w_at += frames * width
    product(taken, 3 * width, hears, START, width, matrices, w_at, streams)
    w_at += 3 * width * width
    product(remembered, 3 * width, memory, START, width, matrices, w_at, streams)
    w_at += 3 * width * width
    _unit(streams, width, taken, remembered, memory, work)
    said[:] = ZERO
    product(said, tier.outputs, memory, START, width, matrices, w_at, streams)


@compiled
def _unit(streams, width, taken, remembered, memory, work):  # type: ignore[no-untyped-def]
    """memory [streams x width] moves on by the gates reset, update and new (Cho et al. 2014), in torch's order."""
    gates, fractions, new = work.gates, work.fractions, work.hears
    for stream in range(streams):
        for i in range(2 * width):
            gates[stream * 2 * width + i] = taken[stream * 3 * width + i] + remembered[stream * 3 * width + i]
    exponentials(gates, streams * 2 * width, -ONE, fractions)
    for stream in range(streams):
        for i in range(width):
            reset = ONE / (ONE + fractions[stream * 2 * width + i])
            gates[stream * width + i] = ONE / (ONE + fractions[(stream * 2 + 1) * width + i])
            place = (stream * 3 + 2) * width + i
            new[stream * width + i] = taken[place] + reset * remembered[place]
    exponentials(new, streams * width, -TWO, fractions)
    for i in range(streams * width):
        update = gates[i]
        memory[i] = (ONE - update) * (TWO / (ONE + fractions[i]) - ONE) + update * memory[i]


@compiled
def _score(lowest, step, at, taps, sketch, state, work):  # type: ignore[no-untyped-def]
    """A score for every class, from what the middle tier says in `work.x` and the values just drawn."""
    streams, channels, known, away = len(state.known), lowest.channels, state.known, state.away
    tables, foretold, matrices = lowest.tables, lowest.foretold, lowest.matrices
    x, hidden, scores = work.x, work.hidden, work.scores
    levels = work.levels
    for stream in range(streams):
        own = stream * channels
        for place in range(lowest.heard):
            row = (place * CLASSES + known[stream, at - lowest.heard + place] + SILENCE) * channels
            for i in range(channels):
                x[own + i] += tables[row + i]
        put(lowest.hidden_bias, hidden[own:])
        put(lowest.out_bias, scores[stream * CLASSES :])
        if len(taps):
            levels[stream] = level_of(sketch[stream, step] + forecast(away[stream], WINDOW + step, taps[stream]))
            for i in range(channels):
                x[own + i] += foretold[levels[stream] * channels + i]
    for i in range(streams * channels):
        x[i] = max(x[i], ZERO)
    product(hidden, channels, x, START, channels, matrices, START, streams)
    for i in range(streams * channels):
        hidden[i] = max(hidden[i], ZERO)
    product(scores, EVERY_CLASS, hidden, START, channels, matrices, channels * channels, streams)
    if len(taps):
        for stream in range(streams):
            add_nearness(scores, stream, hidden, channels, levels[stream], lowest.spread, lowest.spread_bias)
