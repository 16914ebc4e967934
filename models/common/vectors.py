"""Rows of numbers that are copied and added up in compiled loops.

What an assignment to a slice says of rows that do not match is compiled together with it, which takes a third of a
second for each such line, and more than the rest of most loops. These say nothing: rows match.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from models.common.compiled import inner


@inner
def put(values: Any, out: Any) -> None:
    """out[:n] = values [n]."""
    for i in range(len(values)):
        out[i] = values[i]


@inner
def add(values: Any, out: Any) -> None:
    """out[:n] += values [n]."""
    for i in range(len(values)):
        out[i] += values[i]


@inner
def put_rows(rows: Any, out: Any) -> None:
    """out[:, :n] = rows [S x n]"""
    for at in range(len(rows)):
        for i in range(rows.shape[1]):
            out[at, i] = rows[at, i]


@inner
def rectify(rows: Any) -> None:
    """rows [S x n] = max(rows, 0)"""
    for at in range(len(rows)):
        for i in range(rows.shape[1]):
            rows[at, i] = max(rows[at, i], np.float32(0))


@inner
def put_everywhere(row: Any, out: Any, first: Any) -> None:
    """out[:, first : first + n] = row [n]"""
    start = np.uintp(first)  # an index that might count from the end forbids vectors
    for at in range(len(out)):
        for i in range(np.uintp(len(row))):
            out[at, start + i] = row[i]


@inner
def add_everywhere(row: Any, out: Any, first: Any) -> None:
    """out[:, first : first + n] += row [n]"""
    start = np.uintp(first)
    for at in range(len(out)):
        for i in range(np.uintp(len(row))):
            out[at, start + i] += row[i]


@inner
def put_repeated(row: Any, out: Any, rows: Any) -> None:
    """out[: rows * n] = row [n], so many times"""
    for at in range(rows):
        put(row, out[at * len(row) :])


@inner
def add_repeated(row: Any, out: Any, rows: Any) -> None:
    """out[: rows * n] += row [n], so many times"""
    for at in range(rows):
        add(row, out[at * len(row) :])


@inner
def add_rows(values: Any, rows: Any, sums: Any) -> None:
    """sums [n] += values[: rows * n], row by row"""
    for at in range(rows):
        add(values[at * len(sums) : (at + 1) * len(sums)], sums)
