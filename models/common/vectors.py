"""Rows of numbers that are copied and added up in compiled loops.

What an assignment to a slice says of rows that do not match is compiled together with it, which takes a third of a
second for each such line, and more than the rest of most loops. These say nothing: rows match.
"""

from __future__ import annotations

from typing import Any

from models.common.compiled import njit


@njit(cache=True, nogil=True)
def put(values: Any, out: Any) -> None:
    """out[:n] = values [n]."""
    for i in range(len(values)):
        out[i] = values[i]


@njit(cache=True, nogil=True)
def add(values: Any, out: Any) -> None:
    """out[:n] += values [n]."""
    for i in range(len(values)):
        out[i] += values[i]
