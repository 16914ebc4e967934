"""Products with weights as small integers: near those in float32, the same for one stream and two."""

from __future__ import annotations

import numpy as np
import pytest

from models.performers.drawing.kernels.lane_sums import PANEL
from models.performers.drawing.kernels.packed_products import (
    Precision,
    add_product,
    add_rows,
    add_sparse_product,
    dot,
    in_panels,
    packed,
)

RNG = np.random.default_rng(1)
MATRICES = [RNG.standard_normal((rows, 20)).astype(np.float32) for rows in (12, PANEL, PANEL + 3)]
ERRORS: dict[Precision, float] = {"float32": 1e-5, "int16": 1e-3, "int8": 0.1}


@pytest.mark.parametrize("whole", MATRICES, ids=len)
@pytest.mark.parametrize(("precision", "error"), ERRORS.items())
def test_products_are_near_those_in_float32(whole: np.ndarray, precision: Precision, error: float) -> None:
    x = RNG.standard_normal((2, 20)).astype(np.float32)
    matrix, scale = packed(whole, precision)
    both, alone = np.ones((2, len(whole)), np.float32), np.ones((1, len(whole)), np.float32)
    add_product(matrix, scale, x, both)
    add_product(matrix, scale, x[:1], alone)
    assert np.abs(both - (1.0 + x @ whole.T)).max() < error
    assert (alone[0] == both[0]).all()


@pytest.mark.parametrize(("precision", "error"), ERRORS.items())
def test_sparse_products_read_only_the_rows_that_count(precision: Precision, error: float) -> None:
    x = np.zeros((2, 20), np.float32)
    x[0, [2, 19]] = 1.5, -0.5
    matrix, scale = packed(MATRICES[2], precision)
    matrix[:, 0] = -1  # of a row that is not read
    out = np.zeros((2, len(MATRICES[2])), np.float32)
    add_sparse_product(matrix, scale, x, out)
    assert np.abs(out - x @ MATRICES[2].T).max() < error


def test_panels_hold_columns_and_are_filled_up() -> None:
    panels = in_panels(MATRICES[2].T.copy())
    assert panels.shape == (2, 20, PANEL)
    assert (panels[1, :, :3] == MATRICES[2].T[:, PANEL:]).all()
    assert not panels[1, :, 3:].any()


def test_a_row_of_zeros_stays_one() -> None:
    matrix, scale = packed(np.zeros((2, 4), np.float32), "int8")
    assert not matrix.any()
    assert np.isfinite(scale).all()


@pytest.mark.parametrize("length", [5, 16, 100])
def test_a_dot_product_takes_all(length: int) -> None:
    a, b = RNG.standard_normal((2, length)).astype(np.float32)
    assert dot(a, b) == pytest.approx(float(a.astype(float) @ b), abs=1e-5)
    assert dot(a, b) != pytest.approx(float(a[:-1].astype(float) @ b[:-1]), abs=1e-5)


def test_rows_are_added_one_after_the_other() -> None:
    x, matrix = np.zeros(9, np.float32), RNG.standard_normal((9, 50)).astype(np.float32)
    x[[1, 4, 8]] = RNG.standard_normal(3)
    matrix[[0, 3]] = np.nan  # rows that do not count are not read
    expected = np.ones(50, np.float32)
    for row in (1, 4, 8):
        expected += x[row] * matrix[row]
    out = np.ones(50, np.float32)
    add_rows(x, matrix, out)
    assert out.tobytes() == expected.tobytes()
