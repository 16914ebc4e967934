"""Levels and pan of stems as gains."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

SILENCE_DB: Final = -60.0


def gain_of_db(level_db: float) -> float:
    """Linear gain; at `SILENCE_DB` and below, nothing at all."""
    return 0.0 if level_db <= SILENCE_DB else float(10 ** (level_db / 20))


def pan_matrices(pans: NDArray[np.float64]) -> NDArray[np.float64]:
    """[2, 2, stems] so that out = matrix @ (left, right), for pans [stems] from -1 (left) to 1 (right).

    What is panned away folds over, and a mono sound keeps its power.
    """
    folded, kept = np.sin(np.abs(pans) * np.pi / 2), np.cos(np.abs(pans) * np.pi / 2)
    towards, away, nothing = 1 / np.sqrt(1 + folded), kept / np.sqrt(1 + folded), np.zeros_like(pans)
    over = folded / np.sqrt(1 + folded)
    left = pans < 0
    return np.array(
        [
            [np.where(left, towards, away), np.where(left, over, nothing)],
            [np.where(left, nothing, over), np.where(left, away, towards)],
        ]
    )
