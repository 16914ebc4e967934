"""The most multiply-adds a second that a compiled loop reaches on one core: sums that never leave its registers."""

from __future__ import annotations

import time
from typing import Any, Final

import numpy as np

from bench.measurement import median
from models.common.compiled import njit

SUMS: Final = 128
"""Enough that no sum waits for the one before, few enough for the registers of any processor this runs on."""
ROUNDS: Final = 2_000_000


def multiply_adds_per_s() -> float:
    """In float32, by one thread."""
    sums = np.zeros(SUMS, np.float32)
    _accumulate(sums, np.float32(0.5), 1)
    return SUMS * ROUNDS / median(lambda: _seconds(sums))


def _seconds(sums: np.ndarray) -> float:
    begun_s = time.thread_time()
    _accumulate(sums, np.float32(0.5), ROUNDS)
    return time.thread_time() - begun_s


@njit(fastmath={"contract"}, cache=True)
def _accumulate(sums: Any, factor: Any, rounds: int) -> None:
    own = np.zeros(SUMS, np.float32)
    own[:] = sums
    for _ in range(rounds):
        for i in range(SUMS):
            own[i] = own[i] * factor + np.float32(1)
    sums[:] = own
