"""Rows are copied and added up from the start of where they go, and nothing beside them is touched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.common import vectors
from models.common.compiled import njit

BEHIND = 7
NAMES = ("add", "put", "add_everywhere", "put_everywhere", "put_rows", "rectify")
COMPILED: list[Any] = [njit(getattr(vectors, name)) for name in NAMES]
add, put, add_everywhere, put_everywhere, put_rows, rectify = COMPILED


@pytest.mark.parametrize("kind", [np.float32, np.int64])
def test_what_lies_behind_a_row_stays(kind: type) -> None:
    row: Any = np.arange(1, 6, dtype=kind)
    before: Any = np.full(5 + BEHIND, 10, kind)
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


def test_a_row_goes_everywhere_from_a_column_on() -> None:
    row, expected = np.arange(40, dtype=np.float32), np.ones((3, 2 + 40 + BEHIND), np.float32)
    out = expected.copy()
    expected[:, 2:42] = row
    put_everywhere(row, out, 2)
    assert np.array_equal(out, expected)
    expected[:, 2:42] += row
    add_everywhere(row, out, 2)
    assert np.array_equal(out, expected)


def test_rows_go_to_the_left_and_lose_what_is_below_zero() -> None:
    rows = np.random.default_rng(1).standard_normal((3, 40)).astype(np.float32)
    out = np.ones((3, 40 + BEHIND), np.float32)
    put_rows(rows, out)
    assert np.array_equal(out[:, :40], rows)
    assert (out[:, 40:] == 1.0).all()
    rectify(out)
    assert np.array_equal(out[:, :40], np.maximum(rows, 0.0))
