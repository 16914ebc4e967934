"""Products of all streams with a weight matrix in panels, built from the small products that stay in registers."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.common.compiled import inner, njit
from models.common.vector_code import LANES
from models.textures.products.panels import PANEL
from models.textures.products.vector_products import multiply_add, widest_columns

GROUP: Final = 4
"""Streams that share one reading of the weights, at least."""
LARGE_GROUP: Final = 6
"""As many as registers have sums for, beside what is multiplied."""
START: Final = np.int64(0)
"""The first place of an array. Numba compiles `product` anew for each literal number that it is called with."""

# "numpy" lets a division by zero be infinite instead of an exception, which would forbid vectors.
compiled = njit(cache=True, nogil=True, error_model="numpy")
one_by_eight = multiply_add(1, 8)
one_by_six = multiply_add(1, 6)
one_by_four = multiply_add(1, 4)
one_by_one = multiply_add(1, 1)
six_by_widest = multiply_add(LARGE_GROUP)
four_by_widest = multiply_add(GROUP)
four_by_two = multiply_add(GROUP, 2)
four_by_one = multiply_add(GROUP, 1)


@compiled
def product(out, first, columns, x, x_first, rows, w, w_at):  # type: ignore[no-untyped-def]
    """out[:, first : first + columns] += x[:, x_first : x_first + rows] @ w; says where the next matrix begins.

    w: a matrix [rows x columns] in panels, from a place in a flat array on. Rows of `out` and `x` are streams, one or a
    multiple of `GROUP`.
    """
    for panel in range(0, columns, PANEL):
        width, at = min(PANEL, columns - panel), w_at + panel * rows
        if len(out) == 1:
            _alone(out, first + panel, x, x_first, rows, w, at, width)
        else:
            _in_groups(out, first + panel, x, x_first, rows, w, at, width)
    return w_at + columns * rows


@inner
def _alone(out, first, x, x_first, rows, w, w_at, width):  # type: ignore[no-untyped-def]
    """A panel's part in the product of one stream."""
    column = 0
    while column + 64 <= width:
        one_by_eight(out, first + column, 0, x, x_first, 0, w, w_at + column, width, rows)
        column += 64
    if column + 48 <= width:
        one_by_six(out, first + column, 0, x, x_first, 0, w, w_at + column, width, rows)
        column += 48
    if column + 32 <= width:
        one_by_four(out, first + column, 0, x, x_first, 0, w, w_at + column, width, rows)
        column += 32
    while column < width:
        one_by_one(out, first + column, 0, x, x_first, 0, w, w_at + column, width, rows)
        column += LANES


@inner
def _in_groups(out, first, x, x_first, rows, w, w_at, width):  # type: ignore[no-untyped-def]
    """A panel's part in the product of several streams."""
    streams, step, x_step = len(out), out.shape[1], x.shape[1]
    in_large = streams // (2 * LARGE_GROUP) * 2 * LARGE_GROUP  # so that what is left fills small groups
    column = 0
    while column + widest_columns() <= width:  # type: ignore[call-arg]
        at, own = first + column, w_at + column
        for s in range(0, in_large, LARGE_GROUP):
            six_by_widest(out, at + s * step, step, x, x_first + s * x_step, x_step, w, own, width, rows)
        for s in range(in_large, streams, GROUP):
            four_by_widest(out, at + s * step, step, x, x_first + s * x_step, x_step, w, own, width, rows)
        column += widest_columns()
    while column + 2 * LANES <= width:
        at, own = first + column, w_at + column
        for s in range(0, streams, GROUP):
            four_by_two(out, at + s * step, step, x, x_first + s * x_step, x_step, w, own, width, rows)
        column += 2 * LANES
    while column < width:
        at, own = first + column, w_at + column
        for s in range(0, streams, GROUP):
            four_by_one(out, at + s * step, step, x, x_first + s * x_step, x_step, w, own, width, rows)
        column += LANES
