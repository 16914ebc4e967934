"""The head of a network of waves in training as one compiled loop: scores, their loss, and all gradients.

Scores of all frames fill more memory than the caches hold, and torch passes some thirty times over them. Here some
rows go from the head's input to their loss and back while they are at hand. Weights come as pairs, see `bf16_products`.

numba's disk cache does not see changes in `bf16_products`: after one, remove the `__pycache__` folders.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from models.common.compiled import inner, njit
from models.common.vectors import add_rows, put_repeated
from models.textures.audio.linear_prediction import LEVEL_VALUES, SPREAD_RANGE
from models.textures.audio.mu_law import CLASSES, expand
from models.textures.spectral.arithmetic import exponential
from models.textures.waveform.bf16_products import (
    Floats,
    Pairs,
    add_product,
    compiled,
    pair_rows,
    round_all,
)
from models.textures.waveform.class_choice import exponentials

TILE: Final = 128
"""Rows that are at hand together."""
COLUMNS: Final = CLASSES + 16
"""Of the last product: a score for each class, then what says how sharp and how weighty the forecast is; nothing."""
ZERO: Final = np.float32(0)
ONE: Final = np.float32(1)
CLASS_VALUES: Final = expand(np.arange(CLASSES))
LEAST, MOST = (np.float32(bound) for bound in SPREAD_RANGE)


class HeadPairs(NamedTuple):
    """`head` [in / 2 * hidden], `out` [hidden / 2 * COLUMNS], and both the other way; biases are float32."""

    head: Pairs
    head_bias: Floats
    out: Pairs
    out_bias: Floats
    head_back: Pairs
    out_back: Pairs


class HeadGradients(NamedTuple):
    """Float32, flat; all begin with noughts."""

    entering: Floats
    head: Floats
    head_bias: Floats
    out: Floats
    out_bias: Floats


@compiled
def loss(entering, words, predicted, wanted, width, weights, learn, found):  # type: ignore[no-untyped-def]
    """The mean loss in nats of wanted classes [N], N a multiple of 8; fills in `found` if asked to `learn`.

    entering: what enters the head [N * width], bfloat16, and the same as `words` of 32 bits; predicted: levels [N].
    """
    size, count = len(weights.head_bias), len(wanted)
    hidden, scores = np.empty(TILE * size, np.float32), np.empty(TILE * COLUMNS, np.float32)
    opened, shares = np.empty(TILE * size, np.uint16), np.empty(TILE * COLUMNS, np.uint16)
    left, right = np.empty(TILE // 2 * max(size, width), np.uint32), np.empty(TILE // 2 * COLUMNS, np.uint32)
    room = (np.empty(CLASSES, np.float32), np.empty(CLASSES, np.float32), np.empty(CLASSES, np.float32))
    total = 0.0
    for begin in range(0, count, TILE):
        rows = min(TILE, count - begin)
        put_repeated(weights.head_bias, hidden, rows)
        add_product(hidden, size, words, begin * width // 2, width // 2, 1, weights.head, 0, width // 2, rows)
        for i in range(rows * size):
            hidden[i] = max(hidden[i], ZERO)
        round_all(hidden[: rows * size], opened)
        put_repeated(weights.out_bias, scores, rows)
        heard = opened.view(np.uint32)
        add_product(scores, COLUMNS, heard, 0, size // 2, 1, weights.out, 0, size // 2, rows)
        for row in range(rows):
            at = row * COLUMNS
            total += _row_loss(scores[at : at + COLUMNS], predicted[begin + row], wanted[begin + row], count, room)
        if learn:
            round_all(scores[: rows * COLUMNS], shares)
            add_rows(scores, rows, found.out_bias)
            pair_rows(opened, size, rows, left)
            pair_rows(shares, COLUMNS, rows, right)
            add_product(found.out, COLUMNS, left, 0, 1, size, right, 0, rows // 2, size)
            _through_hidden(hidden, opened, shares.view(np.uint32), weights.out_back, rows, found.head_bias)
            pair_rows(entering[begin * width :], width, rows, left)
            pair_rows(opened, size, rows, right)
            add_product(found.head, size, left, 0, 1, width, right, 0, rows // 2, width)
            own = found.entering[begin * width :]
            add_product(own, width, heard, 0, size // 2, 1, weights.head_back, 0, size // 2, rows)
    return total / count


@inner
def _through_hidden(hidden, opened, shares, out_back, rows, of_bias):  # type: ignore[no-untyped-def]
    """opened [rows x hidden] = the gradient of what enters the rectifier, from that of the scores, added to of_bias."""
    size = len(of_bias)
    found = np.zeros(rows * size, np.float32)
    add_product(found, size, shares, 0, COLUMNS // 2, 1, out_back, 0, COLUMNS // 2, rows)
    for i in range(rows * size):
        if hidden[i] <= ZERO:
            found[i] = ZERO
    add_rows(found, rows, of_bias)
    round_all(found, opened)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nnan", "nsz"})
def _row_loss(row, level, wanted, count, room):  # type: ignore[no-untyped-def]
    """The loss in nats of one value; `row` [COLUMNS] becomes the gradient of its scores, a `count`th of it.

    room: [3 x CLASSES], one array each: what is read and written at once must not be the same, or there are no vectors.
    """
    bounded = min(max(row[CLASSES], LEAST), MOST), min(max(row[CLASSES + 1], LEAST), MOST)
    sharpness, weight = exponential(bounded[0]), exponential(bounded[1])
    away, roots, likely = room
    expected, highest = LEVEL_VALUES[level], np.float32(-np.inf)
    for i in range(CLASSES):
        far = (CLASS_VALUES[i] - expected) * sharpness
        away[i] = far * far
        roots[i] = np.sqrt(ONE + away[i])
        row[i] += (ONE - roots[i]) * weight
        highest = max(highest, row[i])
    own = row[wanted] - highest
    for i in range(CLASSES):
        row[i] -= highest
    exponentials(row, CLASSES, ONE, likely)
    mass = ZERO
    for i in range(CLASSES):
        mass += likely[i]
    share = ONE / (mass * np.float32(count))
    likely[wanted] -= mass
    of_sharpness, of_weight = ZERO, ZERO
    for i in range(CLASSES):
        found = likely[i] * share
        row[i] = found
        of_sharpness -= found * away[i] / roots[i]
        of_weight += found * (ONE - roots[i])
    row[CLASSES] = of_sharpness * weight if bounded[0] == row[CLASSES] else ZERO
    row[CLASSES + 1] = of_weight * weight if bounded[1] == row[CLASSES + 1] else ZERO
    for i in range(CLASSES + 2, COLUMNS):
        row[i] = ZERO
    return np.log(np.float64(mass)) - np.float64(own)
