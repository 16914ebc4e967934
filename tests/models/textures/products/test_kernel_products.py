"""Products with weights in panels are those of numpy, for one stream and for groups."""

from __future__ import annotations

import numpy as np
import pytest

from models.textures.products.kernel_products import product
from models.textures.products.panels import in_panels

ROWS = 24


@pytest.mark.parametrize("streams", [1, 4, 8, 16])
@pytest.mark.parametrize("columns", [8, 40, 168])
def test_products_are_those_of_numpy(streams: int, columns: int) -> None:
    """168 columns are two whole panels and one of 40, which takes products of every width; 16 streams groups of six
    and of four."""
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
