"""Products with matrices of small integers: what drawing loops spend their time on.

A draw reads every weight once, so the weights are kept as small integers with one scale per row: int16 is as good
as float32 to five digits and halves the time, int8 halves it again and changes probabilities in the third digit
(see `models/weights/*/card.md` for what that costs in nats). Sums are taken in float32.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.common.compiled import njit

Precision = Literal["float32", "int16", "int8"]
_INTEGERS: Final = {"int16": (np.int16, 32767), "int8": (np.int8, 127)}

Floats = NDArray[np.float32]


def packed(matrix: Floats, precision: Precision) -> tuple[NDArray[np.generic], Floats]:
    """A matrix [rows x columns] in a precision, and the scale [rows] that gives its values back."""
    if precision == "float32":
        return np.ascontiguousarray(matrix, np.float32), np.ones(len(matrix), np.float32)
    kind, largest = _INTEGERS[precision]
    scale = (np.abs(matrix).max(axis=1) / largest).astype(np.float32)
    scale[scale == 0] = 1.0
    return np.rint(matrix / scale[:, None]).astype(kind), scale


@njit(fastmath=True, cache=True)
def add_product(matrix: NDArray[np.generic], scale: Floats, x: Floats, out: Floats) -> None:
    """out [S x rows] += x [S x columns] @ (scale * matrix [rows x columns]).T, S being 1 or 2.

    Two streams share each weight that is read and widened: a third quicker than one after the other.
    """
    if len(x) == 1:
        _add_alone(matrix, scale, x[0], out[0])
    else:
        _add_both(matrix, scale, x[0], x[1], out)


@njit(fastmath=True, cache=True)
def _add_alone(matrix: NDArray[np.generic], scale: Floats, x: Floats, out: Floats) -> None:
    """Four rows at a time share each x that is read, and none waits for the sum of another: two thirds of the time."""
    rows, columns = matrix.shape
    fours = rows // 4 * 4
    for r in range(0, fours, 4):
        a = b = c = d = np.float32(0)
        for i in range(columns):
            value = x[i]
            a += np.float32(matrix[r, i]) * value
            b += np.float32(matrix[r + 1, i]) * value
            c += np.float32(matrix[r + 2, i]) * value
            d += np.float32(matrix[r + 3, i]) * value
        out[r] += a * scale[r]
        out[r + 1] += b * scale[r + 1]
        out[r + 2] += c * scale[r + 2]
        out[r + 3] += d * scale[r + 3]
    for r in range(fours, rows):
        a = np.float32(0)
        for i in range(columns):
            a += np.float32(matrix[r, i]) * x[i]
        out[r] += a * scale[r]


@njit(fastmath=True, cache=True)
def _add_both(matrix: NDArray[np.generic], scale: Floats, first: Floats, second: Floats, out: Floats) -> None:
    """Two rows at a time for two streams."""
    rows, columns = matrix.shape
    twos = rows // 2 * 2
    for r in range(0, twos, 2):
        a = b = c = d = np.float32(0)
        for i in range(columns):
            upper, lower = np.float32(matrix[r, i]), np.float32(matrix[r + 1, i])
            a += upper * first[i]
            b += lower * first[i]
            c += upper * second[i]
            d += lower * second[i]
        out[0, r] += a * scale[r]
        out[0, r + 1] += b * scale[r + 1]
        out[1, r] += c * scale[r]
        out[1, r + 1] += d * scale[r + 1]
    for r in range(twos, rows):
        a = c = np.float32(0)
        for i in range(columns):
            weight = np.float32(matrix[r, i])
            a += weight * first[i]
            c += weight * second[i]
        out[0, r] += a * scale[r]
        out[1, r] += c * scale[r]


@njit(fastmath=True, cache=True)
def add_sparse_product(matrix: NDArray[np.generic], scale: Floats, x: Floats, out: Floats) -> None:
    """out [S x columns] += (x [S x rows] @ matrix [rows x columns]) * scale [columns]; where x is 0 no row is read."""
    columns = matrix.shape[1]
    sums = np.zeros(columns, np.float32)
    for stream in range(len(x)):
        sums[:] = np.float32(0)
        for r in range(len(matrix)):
            weight = x[stream, r]
            if weight != np.float32(0):
                for c in range(columns):
                    sums[c] += weight * np.float32(matrix[r, c])
        for c in range(columns):
            out[stream, c] += sums[c] * scale[c]
