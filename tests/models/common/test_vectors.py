"""Rows are copied and added up from the start of where they go, and nothing behind them is touched."""

from __future__ import annotations

import numpy as np
import pytest

from models.common.vectors import add, put

BEHIND = 7


@pytest.mark.parametrize("kind", [np.float32, np.int64])
def test_what_lies_behind_a_row_stays(kind: type) -> None:
    row, before = np.arange(1, 6, dtype=kind), np.full(5 + BEHIND, 10, kind)
    out = before.copy()
    put(row, out)
    assert out.tolist() == [*row.tolist(), *[10] * BEHIND]
    out = before.copy()
    add(row, out)
    assert out.tolist() == [*(10 + row).tolist(), *[10] * BEHIND]


def test_sums_are_those_of_numpy() -> None:
    one, other = np.random.default_rng(1).standard_normal((2, 1000)).astype(np.float32)
    expected = other + one
    add(one, other)
    assert np.array_equal(other, expected)
