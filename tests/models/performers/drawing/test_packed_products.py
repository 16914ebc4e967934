"""Products with weights as small integers: near those in float32, the same for one stream and two."""

from __future__ import annotations

import numpy as np
import pytest

from models.performers.drawing.packed_products import Precision, add_product, add_sparse_product, packed

RNG = np.random.default_rng(1)
MATRIX = RNG.standard_normal((12, 20)).astype(np.float32)
ERRORS: dict[Precision, float] = {"float32": 1e-5, "int16": 1e-3, "int8": 0.1}


@pytest.mark.parametrize(("precision", "error"), ERRORS.items())
def test_products_are_near_those_in_float32(precision: Precision, error: float) -> None:
    x = RNG.standard_normal((2, 20)).astype(np.float32)
    matrix, scale = packed(MATRIX, precision)
    both, alone = np.ones((2, 12), np.float32), np.ones((1, 12), np.float32)
    add_product(matrix, scale, x, both)
    add_product(matrix, scale, x[:1], alone)
    assert np.abs(both - (1.0 + x @ MATRIX.T)).max() < error
    assert np.allclose(alone[0], both[0], atol=1e-4)


@pytest.mark.parametrize(("precision", "error"), ERRORS.items())
def test_sparse_products_read_only_the_rows_that_count(precision: Precision, error: float) -> None:
    x = np.zeros((1, 12), np.float32)
    x[0, [2, 7]] = 1.5, -0.5
    columns, scale = packed(np.ascontiguousarray(MATRIX.T), precision)  # a scale for each column of the matrix
    rows = np.ascontiguousarray(columns.T)
    rows[0] = -1  # of a row that is not read
    out = np.zeros((1, 20), np.float32)
    add_sparse_product(rows, scale, x, out)
    assert np.abs(out - x @ MATRIX).max() < error


def test_a_row_of_zeros_stays_one() -> None:
    matrix, scale = packed(np.zeros((2, 4), np.float32), "int8")
    assert not matrix.any()
    assert np.isfinite(scale).all()
