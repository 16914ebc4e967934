"""Drawing plans in compiled loops: the network of `models.textures.spectral.plan`, one column after another, no torch.

What each layer has heard is kept as keys and values, `reach` columns far.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.common.compiled import inner
from models.common.vectors import add, put
from models.textures.spectral.arithmetic import add_product, compiled, draw, exponentials, normalise, sine_cosine
from models.textures.spectral.plan_sizes import PITCH_CLASSES, PlanSizes

Floats = NDArray[np.float32]
NEIGHBOURS: Final = 3
COLUMNS_SEEN: Final = 2
TURNS: Final = 10_000.0
EXACT: Final = 2.0**40
"""Powers are rounded to so many parts of one, beyond what processors disagree on."""


class Blocks(NamedTuple):
    """The layers of a transformer, stacked: qkv [layers x width x 3 width], out, up, down."""

    qkv: Floats
    out: Floats
    up: Floats
    down: Floats


class PlanWeights(NamedTuple):
    """A plan's numbers as the loop reads them; names as in `models.textures.spectral.plan.Plan`."""

    blocks: Blocks
    row_blocks: Blocks
    heads: int
    row_heads: int
    seen: Floats
    first: Floats
    condition: Floats
    about: Floats
    place: Floats
    before: Floats
    near: Floats
    head: Floats
    head_bias: Floats
    cosines: Floats
    sines: Floats
    levels: NDArray[np.int64]
    groups: int


class Memory(NamedTuple):
    """Keys and values [ways x layers x reach x width], of which one place is written each column."""

    keys: Floats
    values: Floats


def plan_weights(arrays: Mapping[str, NDArray[Any]], sizes: PlanSizes) -> PlanWeights:
    """Weights for drawing from a network's parameters by name; raises `WeightsError` when some are missing."""
    names = ("seen", "first", "condition", "about", "place", "before", "near", "head", "head_bias")
    missing = [name for name in names if name not in arrays]
    if missing:
        raise WeightsError(f"these weights lack {', '.join(missing)}; fetch the weights again")
    whole = {name: np.ascontiguousarray(arrays[name], np.float32) for name in names}
    size = sizes.width // sizes.heads
    rates = TURNS ** (-np.arange(size // 2, dtype=np.float64) * 2.0 / size)
    steps = [sine_cosine(rate) for rate in np.round(rates * EXACT) / EXACT]
    return PlanWeights(
        blocks=stacked(arrays, "blocks", sizes.layers),
        row_blocks=stacked(arrays, "row_blocks", sizes.row_layers),
        heads=sizes.heads,
        row_heads=sizes.row_heads,
        cosines=np.array([cosine for _, cosine in steps]),
        sines=np.array([sine for sine, _ in steps]),
        levels=np.array(sizes.levels, np.int64),
        groups=sizes.groups,
        **whole,
    )


def stacked(arrays: Mapping[str, NDArray[Any]], name: str, layers: int) -> Blocks:
    def kind(part: str) -> Floats:
        return np.stack([np.ascontiguousarray(arrays[f"{name}.{layer}.{part}"], np.float32) for layer in range(layers)])

    try:
        return Blocks(*(kind(part) for part in Blocks._fields))
    except KeyError as error:
        raise WeightsError(f"these weights lack {error}; fetch the weights again") from error


class PlanDrawing:
    """One plan on its way; it depends on (seed, stream) alone.

    conditions: [conditions], as `conditions_for` makes them. guidance: 1 draws as the network learnt; more moves every
    score further from what it would be without conditions (Ho and Salimans 2022, https://arxiv.org/abs/2207.12598), at
    twice the work. `codes` holds what has been drawn, int64 [columns x tokens]; `column` is how far it has come.
    """

    def __init__(
        self, weights: PlanWeights, sizes: PlanSizes, conditions: Floats, columns: int, seed: int, stream: int,
        temperature: float = 1.0, guidance: float = 1.0,
    ) -> None:  # fmt: skip
        if not 0.05 <= temperature <= 3.0:
            raise WeightsError(f"temperature {temperature}: choose 0.05 to 3, 1 draws as the network learnt")
        self.weights, self.sizes, self.temperature, self.guidance = weights, sizes, temperature, guidance
        ways = 1 if guidance == 1.0 else 2
        self.told = np.zeros((ways, sizes.width), np.float32)
        add_product(self.told[0], conditions.astype(np.float32), weights.condition)
        self.codes = np.zeros((columns, sizes.tokens), np.int64)
        self.column = 0
        self.chances = np.random.Generator(np.random.PCG64([seed, stream, 3])).random((columns, sizes.tokens))
        kept = (ways, sizes.layers, sizes.reach, sizes.width)
        self.memory = Memory(np.zeros(kept, np.float32), np.zeros(kept, np.float32))

    @property
    def done(self) -> bool:
        return self.column >= len(self.codes)

    def advance(self, columns: int = 1) -> None:
        """Draws some columns more."""
        for _ in range(min(columns, len(self.codes) - self.column)):
            draw_column(
                self.weights, self.memory, self.codes, self.column, self.told, self.chances[self.column],
                self.temperature, self.guidance,
            )  # fmt: skip
            self.column += 1

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that `restore` needs to go on from here, as arrays."""
        return {
            "column": np.array(self.column),
            "codes": self.codes[: self.column].copy(),
            "keys": self.memory.keys.copy(),
            "values": self.memory.values.copy(),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on from a state of a drawing made with the same arguments; raises `ValueError` if it cannot be one."""
        column = int(state["column"])
        fits = state["keys"].shape == self.memory.keys.shape and state["codes"].shape == (column, self.codes.shape[1])
        if not fits or column > len(self.codes):
            raise ValueError("the state of another drawing")
        self.codes[:column], self.column = state["codes"], column
        self.memory.keys[:], self.memory.values[:] = state["keys"], state["values"]


def conditions_for(sizes: PlanSizes, style: int, scale: Any) -> Floats:
    """Conditions of a style and a scale (pitch classes 0..11; None or empty leaves the scale to the network)."""
    conditions = np.zeros(sizes.conditions, np.float32)
    conditions[style] = 1.0
    if scale:
        conditions[-1 - PITCH_CLASSES] = 1.0
        conditions[[sizes.conditions - PITCH_CLASSES + pitch % PITCH_CLASSES for pitch in scale]] = 1.0
    return conditions


@inner
def digits_of(code: int, levels: Any, out: Any) -> None:
    for k in range(len(levels)):
        out[k] = code % levels[k]
        code //= levels[k]


@inner
def hidden_layer(x: Any, up: Any, down: Any) -> None:
    """x += relu(normal(x) @ up)² @ down."""
    calm = np.empty_like(x)
    normalise(x, calm)
    hidden = np.zeros(up.shape[1], np.float32)
    add_product(hidden, calm, up)
    for i in range(len(hidden)):
        hidden[i] = hidden[i] * hidden[i] if hidden[i] > 0 else np.float32(0)
    add_product(x, hidden, down)


@inner
def attend(q: Any, keys: Any, values: Any, count: int, heads: int, out: Any) -> None:
    """out [width]: softmax attention of q [width] to the first `count` of keys and values [… x width], by heads."""
    size = len(q) // heads
    scale = np.float32(1.0 / np.sqrt(np.float64(size)))
    weights = np.empty(count, np.float32)
    for head in range(heads):
        at = head * size
        highest = np.float32(-1e30)
        for n in range(count):
            total = np.float32(0)
            for i in range(size):
                total += q[at + i] * keys[n, at + i]
            weights[n] = total * scale
            highest = max(highest, weights[n])
        for n in range(count):
            weights[n] -= highest
        exponentials(weights, count)
        everything = np.float32(0)
        for n in range(count):
            everything += weights[n]
        out[at : at + size] = np.float32(0)
        for n in range(count):
            share = weights[n] / everything
            for i in range(size):
                out[at + i] += share * values[n, at + i]


@compiled
def turn(x: Any, heads: int, cosines: Any, sines: Any) -> None:
    """Turns pairs (i, i + half) of every head of x [width], in place."""
    size = len(x) // heads
    half = size // 2
    for head in range(heads):
        at = head * size
        for i in range(half):
            a, b = x[at + i], x[at + half + i]
            x[at + i] = a * cosines[i] - b * sines[i]
            x[at + half + i] = a * sines[i] + b * cosines[i]


@inner
def angles_at(place: int, cosine_step: Any, sine_step: Any) -> Any:
    """Cosines and sines of the angles of a place, float32, by repeated squaring of those of place 1."""
    cosines, sines = np.empty(len(cosine_step), np.float32), np.empty(len(cosine_step), np.float32)
    for i in range(len(cosine_step)):
        c, s = 1.0, 0.0
        base_c, base_s = cosine_step[i], sine_step[i]
        left = place
        while left:
            if left & 1:
                c, s = c * base_c - s * base_s, c * base_s + s * base_c
            base_c, base_s = base_c * base_c - base_s * base_s, 2.0 * base_c * base_s
            left >>= 1
        cosines[i], sines[i] = c, s
    return cosines, sines


@inner
def look_back(weights: Any, keys: Any, values: Any, x: Any, column: int) -> None:
    """Takes a column's x [width] through the layers that look back in time, in place."""
    width, reach = len(x), keys.shape[1]
    cosines, sines = angles_at(column, weights.cosines, weights.sines)
    calm, heard = np.empty_like(x), np.empty_like(x)
    for layer in range(len(weights.blocks.qkv)):
        normalise(x, calm)
        qkv = np.zeros(3 * width, np.float32)
        add_product(qkv, calm, weights.blocks.qkv[layer])
        q, k = qkv[:width], qkv[width : 2 * width]
        turn(q, weights.heads, cosines, sines)
        turn(k, weights.heads, cosines, sines)
        put(k, keys[layer, column % reach])
        put(qkv[2 * width :], values[layer, column % reach])
        attend(q, keys[layer], values[layer], min(column + 1, reach), weights.heads, heard)
        add_product(x, heard, weights.blocks.out[layer])
        hidden_layer(x, weights.blocks.up[layer], weights.blocks.down[layer])


@inner
def nearby(weights: Any, codes: Any, column: int, rows: int, out: Any) -> None:
    """out [rows x row width] += what the columns before hold at the height of each row."""
    levels = weights.levels
    digits = np.zeros(len(levels), np.int64)
    numbers = weights.groups * len(levels)
    near = np.zeros(NEIGHBOURS * COLUMNS_SEEN * numbers, np.float32)
    for row in range(rows):
        near[:] = np.float32(0)
        for back in range(1, COLUMNS_SEEN + 1):
            for side in range(NEIGHBOURS):
                other = row + side - 1
                if column - back < 0 or other < 0 or other >= rows:
                    continue
                for group in range(weights.groups):
                    digits_of(codes[column - back, other * weights.groups + group], levels, digits)
                    at = ((back - 1) * NEIGHBOURS + side) * numbers + group * len(levels)
                    for k in range(len(levels)):
                        most = np.float32(levels[k] - 1)
                        near[at + k] = (np.float32(2 * digits[k]) - most) / most
        add_product(out[row], near, weights.near)


@compiled
def draw_column(
    weights: Any, memories: Any, codes: Any, column: int, told: Any, chances: Any, temperature: float, guidance: float
) -> None:
    """Draws codes[column], given those before; `memories`, one for each row of `told`, move on in place."""
    levels, tokens, own = weights.levels, codes.shape[1], weights.place.shape[1]
    digits = np.zeros(len(levels), np.int64)
    seen = np.zeros(told.shape[1], np.float32)
    for token in range(tokens if column else 0):
        digits_of(codes[column - 1, token], levels, digits)
        offset = 0
        for k in range(len(levels)):
            add(weights.seen[token, offset + digits[k]], seen)
            offset += levels[k]
    if column == 0:
        add(weights.first, seen)
    calm, x = np.empty_like(seen), np.empty_like(seen)
    about = np.zeros((len(told), own), np.float32)
    for way in range(len(told)):
        put(told[way], x)
        add(seen, x)
        look_back(weights, memories.keys[way], memories.values[way], x, column)
        normalise(x, calm)
        add_product(about[way], calm, weights.about)
    near = np.zeros((tokens // weights.groups, own), np.float32)
    nearby(weights, codes, column, len(near), near)
    write_column(weights, codes[column], about, near, chances, temperature, guidance)


@inner
def write_column(
    weights: Any, column: Any, about: Any, near: Any, chances: Any, temperature: float, guidance: float
) -> None:
    """Draws the codes of one column [tokens] from the lowest up; `about` [ways x row width]."""
    ways, own = about.shape
    kept = (ways, len(weights.row_blocks.qkv), len(column), own)
    keys, values = np.zeros(kept, np.float32), np.zeros(kept, np.float32)
    scores = np.empty((ways, weights.head.shape[1]), np.float32)
    digits = np.zeros(len(weights.levels), np.int64)
    before, x = np.empty(own, np.float32), np.empty(own, np.float32)
    for token in range(len(column)):
        put(weights.place[token], before)
        add(near[token // weights.groups], before)
        if token:
            digits_of(column[token - 1], weights.levels, digits)
            offset = 0
            for k in range(len(digits)):
                add(weights.before[offset + digits[k]], before)
                offset += weights.levels[k]
        for way in range(ways):
            put(weights.head_bias[token], scores[way])
            put(before, x)
            add(about[way], x)
            score_token(weights, x, keys[way], values[way], token, scores[way])
        for way in range(1, ways):
            for i in range(scores.shape[1]):
                scores[0, i] = scores[way, i] + np.float32(guidance) * (scores[0, i] - scores[way, i])
        column[token] = draw(scores[0], chances[token], temperature)


@inner
def score_token(weights: Any, x: Any, keys: Any, values: Any, token: int, scores: Any) -> None:
    """scores [codes] += those of one code of a column, from x [row width] and what the codes below it left."""
    own = len(x)
    calm, heard = np.empty(own, np.float32), np.empty(own, np.float32)
    for layer in range(len(weights.row_blocks.qkv)):
        normalise(x, calm)
        qkv = np.zeros(3 * own, np.float32)
        add_product(qkv, calm, weights.row_blocks.qkv[layer])
        put(qkv[own : 2 * own], keys[layer, token])
        put(qkv[2 * own :], values[layer, token])
        attend(qkv[:own], keys[layer], values[layer], token + 1, weights.row_heads, heard)
        add_product(x, heard, weights.row_blocks.out[layer])
        hidden_layer(x, weights.row_blocks.up[layer], weights.row_blocks.down[layer])
    normalise(x, calm)
    add_product(scores, calm, weights.head)
