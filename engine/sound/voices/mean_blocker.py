"""A high-pass at 5 Hz for many rows at once, block by block, in NumPy alone: loading SciPy's filters takes most of a
second and 50 MB, which nobody has to spare when an evening begins."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ

CUT_HZ: Final = 5.0
BLOCK_FRAMES: Final = 4096
"""The longest piece at once: over it the pole's powers grow 15-fold, far from what double precision minds."""

_TANGENT: Final = math.tan(math.pi * CUT_HZ / SAMPLE_RATE_HZ)
_GAIN: Final = 1.0 / (1.0 + _TANGENT)
_POLE: Final = (1.0 - _TANGENT) / (1.0 + _TANGENT)
_POWERS: Final = _POLE ** np.arange(1.0, BLOCK_FRAMES + 1)


class MeanBlocker:
    """A first-order Butterworth high-pass, by the bilinear transform; each row has a state of its own.

    y[n] = p y[n-1] + g (x[n] - x[n-1]) divided by p^n is a running sum.
    """

    def __init__(self, rows: int) -> None:
        self._before = np.zeros((rows, 1))
        self._sums = np.zeros((rows, 1))

    def apply(self, sound: NDArray[np.float32]) -> None:
        """Takes the mean from `sound` [rows x frames] in place, going on from the calls before."""
        for start in range(0, sound.shape[1], BLOCK_FRAMES):
            self._apply(sound[:, start : start + BLOCK_FRAMES])

    def _apply(self, sound: NDArray[np.float32]) -> None:
        given = np.concatenate([self._before, sound], axis=1, dtype=np.float64)
        powers = _POWERS[: sound.shape[1]]
        sums = np.cumsum(np.diff(given) * (_GAIN / powers), axis=1)
        sums += self._sums
        sums *= powers
        self._before, self._sums = given[:, -1:], sums[:, -1:].copy()
        sound[:] = sums
