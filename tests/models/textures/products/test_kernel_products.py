"""Products with weights in panels are those of numpy, for one stream and for groups."""

from __future__ import annotations

import numpy as np
import pytest

from models.textures.products.kernel_products import product
from models.textures.products.panels import as_halves, in_panels

ROWS = 24


@pytest.mark.parametrize("streams", [1, 4, 8, 16])
@pytest.mark.parametrize("columns", [8, 40, 184])
def test_products_are_those_of_numpy(streams: int, columns: int) -> None:
    """184 columns are two whole panels and one of 56; with 40 they take products of every width.

    16 streams are groups of six and of four.
    """
    rng = np.random.default_rng(columns)
    matrix = rng.standard_normal((ROWS, columns)).astype(np.float32)
    x = rng.standard_normal((streams, 3 + ROWS + 2)).astype(np.float32)
    behind = np.zeros(5, np.float32)
    out = np.ones((streams, 2 + columns + 1), np.float32)
    end = product(out, 2, columns, x, 3, ROWS, np.concatenate([behind, in_panels(matrix)]), len(behind))
    expected = 1.0 + x[:, 3 : 3 + ROWS] @ matrix
    assert np.abs(out[:, 2:-1] - expected).max() < 1e-4
    assert np.abs(expected).max() > 4.0
    assert (out[:, [0, 1, -1]] == 1.0).all()
    assert end == len(behind) + ROWS * columns


@pytest.mark.parametrize("streams", [1, 4])
def test_weights_of_half_precision_come_to_the_same(streams: int) -> None:
    rng = np.random.default_rng(2)
    columns = 64 + 56
    x = rng.standard_normal((streams, ROWS)).astype(np.float32)
    exact = rng.standard_normal(ROWS * columns).astype(np.float16).astype(np.float32)
    whole, halves = np.zeros((2, streams, columns), np.float32)
    product(whole, 0, columns, x, 0, ROWS, exact, 0)
    product(halves, 0, columns, x, 0, ROWS, as_halves(exact), 0)
    assert as_halves(exact).dtype == np.uint16
    assert np.array_equal(whole, halves)
    assert whole.any()


def test_weights_that_halves_cannot_hold_stay_as_they_are() -> None:
    for value in (0.1, 1e5):
        weights = np.array([1.0, value], np.float32)
        assert as_halves(weights) is weights
