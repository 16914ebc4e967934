"""Sums that are written out by hand have the order that they say, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from models.performers.drawing.kernels import lane_sums
from models.performers.drawing.kernels.lane_sums import AHEAD_ROWS, HALF_PANEL, PANEL

RNG = np.random.default_rng(2)
ROWS = 70


def one_after_the_other(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Each product rounded, then added, in the order of rows."""
    out = np.zeros((len(x), w.shape[1]), np.float32)
    for row, weights in enumerate(w.astype(np.float32)):
        out += (x[:, row, None] * weights).astype(np.float32)
    return out


SUMS = {
    "one_stream": (1, PANEL),
    "two_streams": (2, PANEL),
    "one_half": (1, HALF_PANEL),
    "two_halves": (2, HALF_PANEL),
}


@pytest.mark.parametrize(("name", "streams", "columns"), [(name, *shape) for name, shape in SUMS.items()])
@pytest.mark.parametrize("kind", [np.float32, np.int8, np.int16])
def test_rows_are_added_in_their_order(name: str, streams: int, columns: int, kind: type) -> None:
    product = getattr(lane_sums, name)

    @njit
    def apply(out, x, w):  # type: ignore[no-untyped-def]
        product(out, 0, columns, x, 0, ROWS, w, 0, columns, ROWS)

    w = (RNG.standard_normal((ROWS, columns)) * 40).astype(kind)
    x, out = RNG.standard_normal((streams, ROWS)).astype(np.float32), np.ones((streams, columns), np.float32)
    apply(out, x, w)
    assert (out == one_after_the_other(x, w)).all()
    assert (out != one_after_the_other(x[:, ::-1], w[::-1])).any(), "the order would be seen"


def test_gathered_rows_are_those_that_are_named() -> None:
    product, rows = lane_sums.one_gathered, np.array([3, 5, 60])

    @njit
    def apply(out, x, w, rows):  # type: ignore[no-untyped-def]
        product(out, 0, PANEL, x, 0, ROWS, w, 0, PANEL, len(rows) - AHEAD_ROWS, rows)

    w, x = (RNG.standard_normal(shape).astype(np.float32) for shape in ((ROWS, PANEL), (1, ROWS)))
    out = np.empty((1, PANEL), np.float32)
    apply(out, x, w, np.concatenate([rows, np.zeros(AHEAD_ROWS, np.int64)]))
    assert (out == one_after_the_other(x[:, rows], w[rows])).all()


def test_lanes_are_added_by_halves() -> None:
    product = lane_sums.lane_dot

    @njit
    def apply(a, b):  # type: ignore[no-untyped-def]
        return product(a, 0, b, 0, len(a) // 16)

    a, b = RNG.standard_normal((2, 64)).astype(np.float32)
    lanes = np.zeros(16, np.float32)
    for products in (a * b).reshape(-1, 16):
        lanes += products
    while len(lanes) > 1:
        lanes = lanes[: len(lanes) // 2] + lanes[len(lanes) // 2 :]
    assert apply(a, b) == lanes[0]
