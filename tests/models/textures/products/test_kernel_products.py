"""Products with weights in panels are those of numpy, for one stream and for groups."""

from __future__ import annotations

import numpy as np
import pytest

from models.textures.products.kernel_products import product
from models.textures.products.panels import in_panels

ROWS = 24


@pytest.mark.parametrize("streams", [1, 4, 8])
@pytest.mark.parametrize("columns", [8, 40, 168])
def test_products_are_those_of_numpy(streams: int, columns: int) -> None:
    """168 columns are two whole panels and one of 40, which takes products of every width."""
    rng = np.random.default_rng(columns)
    matrix = rng.standard_normal((ROWS, columns)).astype(np.float32)
    x = rng.standard_normal((streams, ROWS)).astype(np.float32)
    before, behind = np.zeros(3, np.float32), np.zeros(5, np.float32)
    weights = np.concatenate([behind, in_panels(matrix)])
    out = np.ones(streams * columns, np.float32)
    product(out, columns, np.concatenate([before, x.ravel()]), len(before), ROWS, weights, len(behind), streams)
    expected = 1.0 + x @ matrix
    assert np.abs(out.reshape(streams, columns) - expected).max() < 1e-4
    assert np.abs(expected).max() > 5.0
