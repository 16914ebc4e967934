"""The compiled loop that draws a block: recurrent tiers where a frame of theirs begins, then value by value.

What a recurrent tier computes serves a whole frame, so it runs once for 64 or 16 values. As in the WaveNet's loop every
sum runs in the same order for any number of streams and on every processor, and numba does not see changes in
`products.kernel_products` or `waveform.class_choice`: after one, remove the `__pycache__` folders.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.common.compiled import inner
from models.common.vectors import add, put_everywhere, put_rows, rectify
from models.textures.audio.linear_prediction import WINDOW, forecast, level_of
from models.textures.audio.mu_law import CLASSES, SILENCE
from models.textures.products.kernel_products import START, compiled, product
from models.textures.waveform.class_choice import ONE, add_nearness, choose, exponential_of, value_of

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
    """The tier that draws values; `tables` [heard x 256 x channels]; what it expects [levels x channels]."""

    tables: Floats
    matrices: Floats
    hidden_bias: Floats
    out_bias: Floats
    foretold: Floats
    spread: Floats
    spread_bias: Floats


class Told(NamedTuple):
    """What style and conditions say to each tier in this block [streams x width]."""

    top: Floats
    middle: Floats
    lowest: Floats


class State(NamedTuple):
    """What streams remember: both recurrent tiers [streams x width]; classes from silence [streams x (top frame +
    block)]; how far what was drawn is from the sketch [streams x (window + block)]."""

    top: Floats
    middle: Floats
    known: NDArray[np.int64]
    away: Floats


class Workspace(NamedTuple):
    """What is computed in, a row for each stream; recurrent tiers that are narrower use the beginning of theirs."""

    frame: Floats
    hears: Floats
    taken: Floats
    remembered: Floats
    top_says: Floats
    middle_says: Floats
    x: Floats
    hidden: Floats
    scores: Floats
    room: Floats
    levels: NDArray[np.int64]
    expected: NDArray[np.float64]


@compiled
def draw_block(top, middle, lowest, told, taps, sketch, state, chances, temperature, fineness, drawn):  # type: ignore[no-untyped-def]
    """Draws frames for all streams; `state` and `drawn` are changed in place. With no `taps` nothing is predicted."""
    work = _workspace(len(state.known), top, middle, lowest)
    known, away, scores = state.known, state.away, work.scores
    for step in range(len(chances)):
        at = top.frames + step
        if step % top.frames == 0:
            put_rows(told.top, work.hears)
            _hear(top, known, at, state.top, work, work.top_says)
        if step % middle.frames == 0:
            _add_said(step % top.frames // middle.frames, told.middle, work.top_says, work.hears)
            _hear(middle, known, at, state.middle, work, work.middle_says)
        _add_said(step % middle.frames, told.lowest, work.middle_says, work.x)
        _score(lowest, step, at, taps, sketch, state, work)
        for stream in range(len(known)):
            chosen = choose(scores[stream], chances[step, stream], temperature, work.room)
            known[stream, at] = chosen - SILENCE
            value = value_of(chosen, work.expected[stream], fineness)
            away[stream, WINDOW + step] = value - sketch[stream, step]
            drawn.classes[step, stream], drawn.values[step, stream] = chosen, value


@inner
def _workspace(streams, top, middle, lowest):  # type: ignore[no-untyped-def]
    width, channels = max(top.width, middle.width), len(lowest.hidden_bias)
    return Workspace(
        np.empty((streams, max(top.frames, middle.frames)), np.float32),
        np.empty((streams, width), np.float32),
        np.empty((streams, 3 * width), np.float32),
        np.empty((streams, 3 * width), np.float32),
        np.empty((streams, top.outputs), np.float32),
        np.empty((streams, middle.outputs), np.float32),
        np.empty((streams, channels), np.float32),
        np.empty((streams, channels), np.float32),
        np.empty((streams, CLASSES), np.float32),
        np.empty(CLASSES, np.float32),
        np.zeros(streams, np.int64),
        np.zeros(streams),
    )


@inner
def _add_said(moment, told, said, out):  # type: ignore[no-untyped-def]
    """out[:, : n] = told [S x n] + what the tier above says of a moment, said [S x moments * n]"""
    width = np.uintp(told.shape[1])  # signed indices would forbid vectors
    first = np.uintp(moment) * width
    for stream in range(len(told)):
        for i in range(width):
            out[stream, i] = told[stream, i] + said[stream, first + i]


@inner
def _hear(tier, known, at, memory, work, said):  # type: ignore[no-untyped-def]
    """One step of a recurrent tier: `work.hears` holds what it is told, and is used up; `memory` and `said` change."""
    frames, width, matrices = tier.frames, tier.width, tier.matrices
    frame, hears, taken, remembered = work.frame, work.hears, work.taken, work.remembered
    for stream in range(len(known)):
        for i in range(frames):
            frame[stream, i] = np.float32(known[stream, at - frames + i]) * UNIT
    put_everywhere(tier.bias_heard, taken, START)
    put_everywhere(tier.bias_remembered, remembered, START)
    w_at = product(hears, START, width, frame, START, frames, matrices, START)
    w_at = product(taken, START, 3 * width, hears, START, width, matrices, w_at)
    w_at = product(remembered, START, 3 * width, memory, START, width, matrices, w_at)
    _unit(taken, remembered, memory)
    said[:] = ZERO
    product(said, START, tier.outputs, memory, START, width, matrices, w_at)


@inner
def _unit(taken, remembered, memory):  # type: ignore[no-untyped-def]
    """memory [streams x width] moves on by the gates reset, update and new (Cho et al. 2014), in torch's order."""
    width = np.uintp(memory.shape[1])
    for stream in range(len(memory)):
        for i in range(width):
            second, third = width + i, width + width + i
            reset = ONE / (ONE + exponential_of(-(taken[stream, i] + remembered[stream, i])))
            update = ONE / (ONE + exponential_of(-(taken[stream, second] + remembered[stream, second])))
            new = taken[stream, third] + reset * remembered[stream, third]
            tanh = TWO / (ONE + exponential_of(-TWO * new)) - ONE
            memory[stream, i] = (ONE - update) * tanh + update * memory[stream, i]


@inner
def _score(lowest, step, at, taps, sketch, state, work):  # type: ignore[no-untyped-def]
    """A score for every class, from what the middle tier says in `work.x` and the values just drawn."""
    known, away, tables = state.known, state.away, lowest.tables
    x, hidden, scores, levels = work.x, work.hidden, work.scores, work.levels
    channels = x.shape[1]
    for stream in range(len(known)):
        own = x[stream]
        for place in range(len(tables)):
            add(tables[place, known[stream, at - len(tables) + place] + SILENCE], own)
        if len(taps):
            work.expected[stream] = sketch[stream, step] + forecast(away[stream], WINDOW + step, taps[stream])
            levels[stream] = level_of(work.expected[stream])
            add(lowest.foretold[levels[stream]], own)
    put_everywhere(lowest.hidden_bias, hidden, START)
    put_everywhere(lowest.out_bias, scores, START)
    rectify(x)
    w_at = product(hidden, START, channels, x, START, channels, lowest.matrices, START)
    rectify(hidden)
    product(scores, START, scores.shape[1], hidden, START, channels, lowest.matrices, w_at)
    if len(taps):
        for stream in range(len(known)):
            add_nearness(scores[stream], hidden[stream], levels[stream], lowest.spread, lowest.spread_bias)
