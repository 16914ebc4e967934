"""Drawing sound from a WaveNet, value by value, many streams at once, with what each layer heard kept (1611.09482).

The loop is compiled by numba, once per machine, and kept on disk. With the same random numbers, and weights that half
precision can hold, it draws what the plain network would: a class is the first whose running sum of probabilities
exceeds the random number. Every sum runs in the same order for any number of streams.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.textures.audio.linear_prediction import LEVEL_VALUES, SPREAD_RANGE, WINDOW, forecast, level_of
from models.textures.audio.mu_law import BLOCK_FRAMES, CLASSES, SILENCE, expand
from models.textures.conditioning.prediction_guard import Guide
from models.textures.wavenet.packing import PANEL, Packed
from models.textures.wavenet.vector_products import LANES, fetch_ahead, multiply_add

Floats = NDArray[np.float32]
GROUP: Final = 4
"""Streams that share one reading of the weights."""

HALVES_PER_LINE: Final = 32

# "numpy" lets a division by nought be infinite instead of an exception, which would forbid vectors.
compiled = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
one_by_eight = multiply_add(1, 8)
one_by_four = multiply_add(1, 4)
one_by_one = multiply_add(1, 1)
four_by_two = multiply_add(4, 2)
four_by_one = multiply_add(4, 1)

SHARE: Final = 16
LOG2_E: Final = np.float32(1.4426950408889634)
LN_2: Final = np.float32(0.6931471805599453)
LOWEST: Final = np.float32(-126.0)
HIGHEST: Final = np.float32(126.0)
ROUNDING: Final = np.float32(127.5)
BIAS: Final = np.float32(127.0)
ONE: Final = np.float32(1.0)
TWO: Final = np.float32(2.0)
ZERO: Final = np.float32(0.0)
CLASS_VALUES: Final = expand(np.arange(CLASSES))
LEAST_SPREAD, MOST_SPREAD = (np.float32(bound) for bound in SPREAD_RANGE)
OUT_OF_REACH: Final = np.float32(-1e9)
NO_TAPS: Final = np.zeros((0, 0), np.float32)
SERIES: Final = tuple(np.float32(1.0 / n) for n in (1, 2, 6, 24, 120, 720))


class Sizes(NamedTuple):
    """Of a network, as the loop needs them."""

    layers: int
    channels: int
    skip_channels: int
    head_channels: int


class Weights(NamedTuple):
    """All that is read and never written, flat; `matrices` in the order in which they are used."""

    embedding: Floats
    matrices: NDArray[Any]
    residual_bias: Floats
    skip_bias: Floats
    head_bias: Floats
    out_bias: Floats
    predicted: Floats
    spread: Floats
    spread_bias: Floats


class State(NamedTuple):
    """What the streams remember: inputs of each layer, the last class, and values [streams x (window + block)]."""

    rings: Floats
    last: NDArray[np.int64]
    values: Floats


class Workspace(NamedTuple):
    """What one frame is computed in, all streams side by side; `powers_seen` are the bits of `powers` as floats."""

    x: Floats
    z: Floats
    gates: Floats
    skipped: Floats
    hidden: Floats
    scores: Floats
    powers: NDArray[np.int32]
    powers_seen: Floats
    fractions: Floats
    levels: NDArray[np.int64]


class Drawing:
    """Streams of one network on their way. Stream i depends on (seed, i) alone, whatever the others do.

    styles: [streams x styles] floats; conditions: [blocks x streams x conditions], as long as the whole drawing.
    guide: a hand on it, see `models.textures.conditioning.prediction_guard`.
    `classes` holds what has been drawn, uint8 [frames x streams]; `frame` is how far it has come.
    """

    def __init__(
        self,
        packed: Packed,
        styles: Floats,
        conditions: Floats,
        seed: int,
        temperature: float = 1.0,
        first_stream: int = 0,
        guide: Guide | None = None,
    ) -> None:
        if not 0.05 <= temperature <= 3.0:
            raise WeightsError(f"temperature {temperature}: choose 0.05 to 3, 1 draws as the network learnt")
        self.packed, self.styles, self.conditions, self.temperature = packed, styles, conditions, temperature
        self.streams = conditions.shape[1]
        self.width = self.streams if self.streams == 1 else -(-self.streams // GROUP) * GROUP
        self.chances = [np.random.PCG64([seed, first_stream + n]) for n in range(self.streams)]
        self.classes = np.full((conditions.shape[0] * BLOCK_FRAMES, self.streams), SILENCE, np.uint8)
        self.heard = 0
        self.frame = 0
        self.last = np.full(self.width, SILENCE, np.int64)
        self.rings = np.zeros(int(packed.dilations.sum()) * self.width * packed.channels, np.float32)
        self.values = np.zeros((self.width, WINDOW + BLOCK_FRAMES), np.float32)
        self.guide = guide or Guide()
        self._weights = Weights(
            packed.embedding.reshape(-1),
            packed.matrices,
            packed.residual_bias.reshape(-1),
            packed.skip_bias,
            packed.head_bias,
            packed.out_bias,
            packed.foretold.reshape(-1),
            packed.spread.reshape(-1),
            packed.spread_bias,
        )

    @property
    def done(self) -> bool:
        return self.frame >= len(self.classes)

    def prime(self, classes: NDArray[np.uint8]) -> None:
        """Lets every stream hear a seed sound, classes [frames], before it draws its own; whole blocks are heard."""
        for block in classes[: len(classes) // BLOCK_FRAMES * BLOCK_FRAMES].reshape(-1, BLOCK_FRAMES):
            self._run(self.biases(0), np.zeros((BLOCK_FRAMES, self.width)), block.astype(np.int64))
            self.heard += BLOCK_FRAMES

    def advance(self) -> None:
        """Draws one block of `BLOCK_FRAMES` frames in every stream."""
        chances = np.zeros((BLOCK_FRAMES, self.width))
        for stream, bits in enumerate(self.chances):
            chances[:, stream] = np.random.Generator(bits).random(BLOCK_FRAMES)
        block = self.frame // BLOCK_FRAMES
        self.guide.begin(block, self.values[:, BLOCK_FRAMES:])
        drawn = self._run(self.biases(block), chances, np.zeros(0, np.int64))
        self.classes[self.frame : self.frame + BLOCK_FRAMES] = drawn[:, : self.streams]
        self.frame += BLOCK_FRAMES

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that `restore` needs to go on from here, as arrays."""
        return {
            "frame": np.array(self.frame),
            "last": self.last.copy(),
            "rings": self.rings.copy(),
            "values": self.values.copy(),
            "classes": self.classes[: self.frame].copy(),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on from a state of a drawing made with the same arguments; raises `ValueError` if it cannot be one."""
        frame, classes = int(state["frame"]), state["classes"]
        fits = all(state[name].shape == getattr(self, name).shape for name in ("rings", "values", "last"))
        if not fits or classes.shape != (frame, self.streams) or frame > len(self.classes):
            raise ValueError("the state of another drawing")
        self.last[:], self.rings[:], self.classes[:frame] = state["last"], state["rings"], classes
        self.values[:] = state["values"]
        for bits in self.chances:
            bits.advance(frame - self.frame)
        self.frame = frame

    def biases(self, block: int) -> Floats:
        """What style and conditions of a block add to the gates: [layers x width x 2 channels]."""
        p = self.packed
        total = np.zeros((p.layers, self.width, 2 * p.channels), np.float32)
        total[:, : self.streams] = p.gate_bias[:, None] + self.styles @ p.style + self.conditions[block] @ p.condition
        return total

    def _run(self, biases: Floats, chances: NDArray[np.float64], forced: NDArray[np.int64]) -> Any:
        p = self.packed
        drawn = np.zeros((BLOCK_FRAMES, self.width), np.uint8)
        self.values[:, :WINDOW] = self.values[:, BLOCK_FRAMES:]
        heard = self.values[:, :WINDOW]
        block = self.frame // BLOCK_FRAMES
        taps = self.guide.predictors(block, heard, p.predictor_order) if p.predictor_order else NO_TAPS
        draw_block(
            self.heard + self.frame,
            Sizes(p.layers, p.channels, p.skip_channels, p.head_channels),
            p.dilations,
            self._weights,
            biases.reshape(-1),
            taps,
            self.guide.reach(heard),
            State(self.rings, self.last, self.values),
            chances,
            forced,
            np.float32(self.temperature),
            drawn,
        )
        return drawn


@compiled
def product(out, columns, x, x_at, rows, w, w_at, streams):  # type: ignore[no-untyped-def]
    """out[streams x columns] += x[streams x rows] @ w[rows x columns], from places in flat arrays, w in panels."""
    for panel in range(0, columns, PANEL):
        width = min(PANEL, columns - panel)
        w_panel, column = w_at + panel * rows, 0
        for line in range(0, width * rows, HALVES_PER_LINE):
            fetch_ahead(w, w_panel + width * rows + line)  # type: ignore[call-arg]
        if streams == 1:
            while column + 64 <= width:
                one_by_eight(out, panel + column, columns, x, x_at, rows, w, w_panel + column, width, rows)
                column += 64
            while column + 32 <= width:
                one_by_four(out, panel + column, columns, x, x_at, rows, w, w_panel + column, width, rows)
                column += 32
            while column < width:
                one_by_one(out, panel + column, columns, x, x_at, rows, w, w_panel + column, width, rows)
                column += LANES
            continue
        while column + 16 <= width:
            for first in range(0, streams, GROUP):
                out_at = first * columns + panel + column
                four_by_two(out, out_at, columns, x, x_at + first * rows, rows, w, w_panel + column, width, rows)
            column += 16
        while column < width:
            for first in range(0, streams, GROUP):
                out_at = first * columns + panel + column
                four_by_one(out, out_at, columns, x, x_at + first * rows, rows, w, w_panel + column, width, rows)
            column += LANES


@compiled
def exponentials(values, count, sign, powers, powers_seen, fractions):  # type: ignore[no-untyped-def]
    """fractions[i] = exp(sign * values[i]): two to the whole part by its bits, the rest by its series.

    Two loops, so that the compiler finds no array in one under two types, and makes vectors of both.
    """
    for i in range(count):
        y = min(max(sign * values[i] * LOG2_E, LOWEST), HIGHEST)
        whole = np.int32(y + ROUNDING)
        f = (y - (np.float32(whole) - BIAS)) * LN_2
        tail = SERIES[3] + f * (SERIES[4] + f * SERIES[5])
        fractions[i] = ONE + f * (SERIES[0] + f * (SERIES[1] + f * (SERIES[2] + f * tail)))
        powers[i] = whole << np.int32(23)
    for i in range(count):
        fractions[i] *= powers_seen[i]


@compiled
def share(weights, part):  # type: ignore[no-untyped-def]
    """Sum of `SHARE` weights; the classes are summed in parts so that the additions need not wait for each other."""
    total = 0.0
    for i in range(part, part + SHARE):
        total += np.float64(weights[i])
    return total


@compiled
def choose(scores, at, chance, temperature, powers, powers_seen, weights):  # type: ignore[no-untyped-def]
    """The class whose share of the softmax of scores[at : at + 256] / temperature the chance 0..1 falls in."""
    highest = scores[at]
    for part in range(0, CLASSES, SHARE):
        highest_here = scores[at + part]
        for i in range(part, part + SHARE):
            highest_here = max(highest_here, scores[at + i])
        highest = max(highest, highest_here)
    for i in range(CLASSES):
        weights[CLASSES + i] = (scores[at + i] - highest) / temperature
    exponentials(weights[CLASSES:], CLASSES, ONE, powers, powers_seen, weights)
    everything = 0.0
    for part in range(0, CLASSES, SHARE):
        everything += share(weights, part)
    wanted, running = chance * everything, 0.0
    for part in range(0, CLASSES, SHARE):
        here = share(weights, part)
        if running + here > wanted:
            for i in range(part, part + SHARE):
                running += np.float64(weights[i])
                if running > wanted:
                    return i
            return part + SHARE - 1
        running += here
    return CLASSES - 1


@compiled
def add_nearness(scores, stream, hidden, head_channels, level, spread, spread_bias, reach):  # type: ignore[no-untyped-def]
    """Adds how well each class agrees with the forecast, as `wavenet.network.WaveNet.nearness`; none beyond `reach`."""
    sharpness, weight = spread_bias[0], spread_bias[1]
    for i in range(head_channels):
        sharpness += hidden[stream * head_channels + i] * spread[2 * i]
        weight += hidden[stream * head_channels + i] * spread[2 * i + 1]
    sharpness = np.exp(min(max(sharpness, LEAST_SPREAD), MOST_SPREAD))
    weight = np.exp(min(max(weight, LEAST_SPREAD), MOST_SPREAD))
    predicted = LEVEL_VALUES[level]
    for i in range(CLASSES):
        miss = CLASS_VALUES[i] - predicted
        away = miss * sharpness
        scores[stream * CLASSES + i] += (ONE - np.sqrt(ONE + away * away)) * weight
        if abs(miss) > reach:
            scores[stream * CLASSES + i] = OUT_OF_REACH


@compiled
def draw_block(frame, sizes, dilations, weights, biases, taps, reaches, state, chances, forced, temperature, drawn):  # type: ignore[no-untyped-def]
    """Draws (or, with `forced`, hears) frames for all streams; `state` and `drawn` are changed in place.

    With no `taps` nothing is predicted.
    """
    streams = len(state.last)
    work = _workspace(streams, sizes)
    last, values, scores, hidden, levels = state.last, state.values, work.scores, work.hidden, work.levels
    powers, powers_seen, fractions = work.powers, work.powers_seen, work.fractions
    spread, spread_bias, head_channels = weights.spread, weights.spread_bias, sizes.head_channels
    for step in range(len(chances)):
        _begin(step, sizes, weights, taps, state, work)
        w_at = _through_layers(frame + step, sizes, dilations, weights, biases, state, work)
        if step < len(forced):
            last[:] = forced[step]
            values[:, WINDOW + step] = CLASS_VALUES[forced[step]]
            continue
        _score(w_at, sizes, weights, work, streams)
        for stream in range(streams):
            if len(taps):
                add_nearness(
                    scores, stream, hidden, head_channels, levels[stream],
                    spread, spread_bias, reaches[stream],
                )  # fmt: skip
            chosen = choose(
                scores, stream * CLASSES, chances[step, stream], temperature,
                powers, powers_seen, fractions,
            )  # fmt: skip
            last[stream] = chosen
            values[stream, WINDOW + step] = CLASS_VALUES[chosen]
            drawn[step, stream] = chosen


@compiled
def _workspace(streams, sizes):  # type: ignore[no-untyped-def]
    gates = streams * 2 * sizes.channels
    room = max(gates, 2 * CLASSES)
    powers = np.empty(room, np.int32)
    return Workspace(
        np.empty(streams * sizes.channels, np.float32),
        np.empty(streams * sizes.channels, np.float32),
        np.empty(gates, np.float32),
        np.empty(streams * sizes.skip_channels, np.float32),
        np.empty(streams * sizes.head_channels, np.float32),
        np.empty(streams * CLASSES, np.float32),
        powers,
        powers.view(np.float32),
        np.empty(room, np.float32),
        np.zeros(streams, np.int64),
    )


@compiled
def _begin(step, sizes, weights, taps, state, work):  # type: ignore[no-untyped-def]
    """What enters the first layer: the last class of each stream, and what is predicted for the next."""
    channels, skip_channels = sizes.channels, sizes.skip_channels
    embedding, skip_bias, predicted = weights.embedding, weights.skip_bias, weights.predicted
    last, values, x, skipped, levels = state.last, state.values, work.x, work.skipped, work.levels
    for stream in range(len(last)):
        x[stream * channels : (stream + 1) * channels] = embedding[
            last[stream] * channels : (last[stream] + 1) * channels
        ]
        skipped[stream * skip_channels : (stream + 1) * skip_channels] = skip_bias
        if len(taps):
            levels[stream] = level_of(forecast(values[stream], WINDOW + step, taps[stream]))
            for i in range(channels):
                x[stream * channels + i] += predicted[levels[stream] * channels + i]


@compiled
def _through_layers(at, sizes, dilations, weights, biases, state, work):  # type: ignore[no-untyped-def]
    """All gated layers at frame `at`; where the matrices of the head begin."""
    streams, channels = len(state.last), sizes.channels
    per_stream = 2 * channels
    matrices, residual_bias, rings = weights.matrices, weights.residual_bias, state.rings
    x, z, gates, skipped, fractions = work.x, work.z, work.gates, work.skipped, work.fractions
    powers, powers_seen, skip_channels = work.powers, work.powers_seen, sizes.skip_channels
    ring, w_at = 0, 0
    for layer in range(sizes.layers):
        slot = ring + at % dilations[layer] * streams * channels
        ring += dilations[layer] * streams * channels
        gates[:] = biases[layer * len(gates) : (layer + 1) * len(gates)]
        product(gates, per_stream, rings, slot, channels, matrices, w_at, streams)
        w_at += channels * per_stream
        product(gates, per_stream, x, 0, channels, matrices, w_at, streams)
        w_at += channels * per_stream
        rings[slot : slot + streams * channels] = x
        exponentials(gates, len(gates), -ONE, powers, powers_seen, fractions)
        for stream in range(streams):
            first, second = stream * per_stream, stream * per_stream + channels
            for i in range(channels):
                z[stream * channels + i] = (TWO / (ONE + fractions[first + i]) - ONE) / (ONE + fractions[second + i])
        product(skipped, skip_channels, z, 0, channels, matrices, w_at, streams)
        w_at += channels * skip_channels
        for stream in range(streams):
            for i in range(channels):
                x[stream * channels + i] += residual_bias[layer * channels + i]
        product(x, channels, z, 0, channels, matrices, w_at, streams)
        w_at += channels * channels
    return w_at


@compiled
def _score(w_at, sizes, weights, work, streams):  # type: ignore[no-untyped-def]
    """The head: from what the layers handed past it to a score for every class."""
    head_channels = sizes.head_channels
    hidden, scores, skipped = work.hidden, work.scores, work.skipped
    matrices, head_bias, out_bias = weights.matrices, weights.head_bias, weights.out_bias
    for stream in range(streams):
        hidden[stream * head_channels : (stream + 1) * head_channels] = head_bias
        scores[stream * CLASSES : (stream + 1) * CLASSES] = out_bias
    for i in range(len(skipped)):
        skipped[i] = max(skipped[i], ZERO)
    product(hidden, head_channels, skipped, 0, sizes.skip_channels, matrices, w_at, streams)
    w_at += sizes.skip_channels * head_channels
    for i in range(len(hidden)):
        hidden[i] = max(hidden[i], ZERO)
    product(scores, CLASSES, hidden, 0, head_channels, matrices, w_at, streams)
