"""A high-pass at 5 Hz for many rows at once, piece by piece, in NumPy alone: loading SciPy's filters takes most of a
second and 50 MB, which nobody has to spare when an evening begins."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ

CUT_HZ: Final = 5.0
SEGMENT_FRAMES: Final = 32
"""What one product of matrices does at once: longer ones multiply more, shorter ones hand over more often."""
_BLOCK_SEGMENTS: Final = 128
"""The longest piece at once: over it the pole's powers grow 15-fold, far from what double precision minds."""

_TANGENT: Final = math.tan(math.pi * CUT_HZ / SAMPLE_RATE_HZ)
_GAIN: Final = 1.0 / (1.0 + _TANGENT)
_POLE: Final = (1.0 - _TANGENT) / (1.0 + _TANGENT)
_POWERS: Final = _POLE ** np.arange(SEGMENT_FRAMES + 1)
_GROWTH: Final = _POWERS[-1] ** np.arange(_BLOCK_SEGMENTS + 1)


class MeanBlocker:
    """A first-order Butterworth high-pass, by the bilinear transform; each row has a state of its own.

    y[n] = g (x[n] - u[n]) with u[n + 1] = p u[n] + (1 - p) x[n], the mean that it knows. Within a segment, y is a
    product of x with a matrix, and of the mean at its beginning with powers of p. The means at the ends of segments,
    divided by powers of p, are running sums.
    """

    def __init__(self, rows: int) -> None:
        self._means = np.zeros((rows, 1))
        self._scratch = np.empty((2, rows, _BLOCK_SEGMENTS, SEGMENT_FRAMES), dtype=np.float32)

    def apply(self, sound: NDArray[np.float32]) -> None:
        """Takes the mean from `sound` [rows x frames] in place, going on from the calls before; frames is a multiple of
        `SEGMENT_FRAMES`."""
        segments = sound.reshape(len(sound), -1, SEGMENT_FRAMES)
        for start in range(0, segments.shape[1], _BLOCK_SEGMENTS):
            self._apply(segments[:, start : start + _BLOCK_SEGMENTS])

    def _apply(self, segments: NDArray[np.float32]) -> None:
        growth = _GROWTH[: segments.shape[1] + 1]
        gained = (segments @ _GAINED) / growth[1:]
        means = np.concatenate([self._means, self._means + np.cumsum(gained, axis=1)], axis=1) * growth
        self._means = means[:, -1:].copy()
        within, before = self._scratch[:, :, : segments.shape[1]]
        np.matmul(segments, _WITHIN, out=within)
        np.multiply(means[:, :-1, None].astype(np.float32), _BEFORE, out=before)
        np.subtract(within, before, out=segments)


def _within() -> NDArray[np.float32]:
    """[frame before, frame] what each frame of a segment leaves of itself in those from it on."""
    apart = np.arange(SEGMENT_FRAMES)[None] - np.arange(SEGMENT_FRAMES)[:, None]
    known = np.where(apart > 0, (1 - _POLE) * _POWERS[np.maximum(apart - 1, 0)], 0.0)
    return (_GAIN * (np.eye(SEGMENT_FRAMES) - known)).astype(np.float32)


_WITHIN: Final = _within()
_BEFORE: Final = (_GAIN * _POWERS[:-1]).astype(np.float32)
_GAINED: Final = ((1 - _POLE) * _POWERS[-2::-1]).astype(np.float32)
