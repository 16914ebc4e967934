"""Products with matrices of small integers: what drawing loops spend their time on.

A draw reads every weight once, so the weights are kept as small integers with one scale for each number that comes out:
int16 is as good as float32 to five digits and halves the time, int8 halves it again and changes probabilities in the
third digit (see `models/weights/*/card.md` for what that costs in nats). Sums are taken in float32, in one order.

A matrix lies in panels [panels x in x PANEL], so that the sums of a panel stay in registers while it is read from end
to end; the last is filled up with zeros.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.common.compiled import inner, njit
from models.performers.drawing.kernels.lane_sums import (
    AHEAD_ROWS,
    PANEL,
    lane_dot,
    one_gathered,
    one_stream,
    two_gathered,
    two_streams,
)

Precision = Literal["float32", "int16", "int8"]
_INTEGERS: Final = {"int16": (np.int16, 32767), "int8": (np.int8, 127)}

Floats = NDArray[np.float32]
Packed = NDArray[np.generic]

# "numpy" lets a division by zero be infinite instead of an exception, which would forbid vectors.
compiled = njit(cache=True, error_model="numpy")

BLOCK: Final = 16


def packed(matrix: Floats, precision: Precision) -> tuple[Packed, Floats]:
    """A matrix [out x in] in a precision and in panels, and the scale [out] that gives its values back."""
    whole, scale = _rounded(np.ascontiguousarray(matrix, np.float32), precision)
    return in_panels(np.ascontiguousarray(whole.T)), scale


def in_panels(matrix: NDArray[np.generic]) -> Packed:
    """A matrix [in x out] as panels [panels x in x PANEL] of columns."""
    rows, columns = matrix.shape
    panels = -(-columns // PANEL)
    whole = np.zeros((rows, panels * PANEL), matrix.dtype)
    whole[:, :columns] = matrix
    return np.ascontiguousarray(whole.reshape(rows, panels, PANEL).swapaxes(0, 1))


def _rounded(matrix: Floats, precision: Precision) -> tuple[NDArray[np.generic], Floats]:
    """A matrix [out x in] in a precision, and its scale [out]."""
    if precision == "float32":
        return matrix, np.ones(len(matrix), np.float32)
    kind, largest = _INTEGERS[precision]
    scale = (np.maximum(matrix.max(axis=1), -matrix.min(axis=1)) / largest).astype(np.float32)
    scale[scale == 0] = 1.0
    whole = matrix / scale[:, None]
    return np.rint(whole, out=whole).astype(kind), scale


@compiled
def add_product(matrix: Packed, scale: Floats, x: Floats, out: Floats) -> None:
    """out [S x out] += scale [out] * (x [S x in] @ matrix), S being 1 or 2.

    Two streams share each weight that is read and widened: a third quicker than one after the other.
    """
    streams, rows = x.shape
    sums = np.empty((streams, PANEL), np.float32)
    for panel in range(len(matrix)):
        if streams == 1:
            one_stream(sums, 0, PANEL, x, 0, rows, matrix, panel * rows * PANEL, PANEL, rows)
        else:
            two_streams(sums, 0, PANEL, x, 0, rows, matrix, panel * rows * PANEL, PANEL, rows)
        _add_scaled(sums, scale, panel * PANEL, out)


@compiled
def add_sparse_product(matrix: Packed, scale: Floats, x: Floats, out: Floats) -> None:
    """As `add_product`; where x is 0 in all streams, nothing is read."""
    streams, rows = x.shape
    chosen, sums = np.zeros(rows + AHEAD_ROWS, np.int64), np.empty((streams, PANEL), np.float32)
    count = 0
    for row in range(rows):
        chosen[count] = row
        count += x[0, row] != 0 or x[streams - 1, row] != 0
    for panel in range(len(matrix)):
        if streams == 1:
            one_gathered(sums, 0, PANEL, x, 0, rows, matrix, panel * rows * PANEL, PANEL, count, chosen)
        else:
            two_gathered(sums, 0, PANEL, x, 0, rows, matrix, panel * rows * PANEL, PANEL, count, chosen)
        _add_scaled(sums, scale, panel * PANEL, out)


@inner
def _add_scaled(sums: Floats, scale: Floats, first: int, out: Floats) -> None:
    """To `out` [S x out], from column `first` on, the sums [S x PANEL] of those columns that there are."""
    for stream in range(len(out)):
        for column in range(min(PANEL, len(scale) - first)):
            out[stream, first + column] += sums[stream, column] * scale[first + column]


@compiled
def add_rows(x: Floats, matrix: Floats, out: Floats) -> None:
    """out [out] += x [in] @ matrix [in x out], for an x of which most is 0: row after row, as on any processor."""
    for row in range(len(x)):
        if x[row] != 0:
            for column in range(len(out)):
                out[column] += x[row] * matrix[row, column]


@compiled
def dot(a: Floats, b: Floats) -> np.float32:
    """The sum of a [n] times b [n]."""
    blocks = len(a) // BLOCK
    total: np.float32 = lane_dot(a, 0, b, 0, blocks)  # type: ignore[call-arg]
    for i in range(blocks * BLOCK, len(a)):
        total += a[i] * b[i]
    return total
