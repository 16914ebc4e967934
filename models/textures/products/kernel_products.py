"""Products of all streams with a weight matrix in panels, built from the small products that stay in registers."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.common.compiled import njit
from models.common.vector_code import LANES
from models.textures.products.panels import PANEL
from models.textures.products.vector_products import fetch_ahead, has_wide_registers, multiply_add

GROUP: Final = 4
"""Streams that share one reading of the weights."""
FLOATS_PER_LINE: Final = 16
START: Final = np.int64(0)
"""The first place of an array. Numba compiles `product` anew for each literal number that it is called with."""

# "numpy" lets a division by zero be infinite instead of an exception, which would forbid vectors.
compiled = njit(cache=True, nogil=True, error_model="numpy")
one_by_eight = multiply_add(1, 8)
one_by_four = multiply_add(1, 4)
one_by_one = multiply_add(1, 1)
four_by_eight = multiply_add(4, 8)
four_by_four = multiply_add(4, 4)
four_by_two = multiply_add(4, 2)
four_by_one = multiply_add(4, 1)


@compiled
def product(out, columns, x, x_at, rows, w, w_at, streams):  # type: ignore[no-untyped-def]
    """out[streams x columns] += x[streams x rows] @ w[rows x columns], from places in flat arrays, w in panels."""
    for panel in range(0, columns, PANEL):
        width = min(PANEL, columns - panel)
        w_panel, column = w_at + panel * rows, 0
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
        for line in range(0, width * rows, FLOATS_PER_LINE):
            fetch_ahead(w, w_panel + width * rows + line)  # type: ignore[call-arg]
        while has_wide_registers() and column + 64 <= width:  # type: ignore[call-arg]
            for first in range(0, streams, GROUP):
                out_at = first * columns + panel + column
                four_by_eight(out, out_at, columns, x, x_at + first * rows, rows, w, w_panel + column, width, rows)
            column += 64
        while has_wide_registers() and column + 32 <= width:  # type: ignore[call-arg]
            for first in range(0, streams, GROUP):
                out_at = first * columns + panel + column
                four_by_four(out, out_at, columns, x, x_at + first * rows, rows, w, w_panel + column, width, rows)
            column += 32
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
