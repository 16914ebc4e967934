"""How fast memory grows, apart from what moods and their textures need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

WARM_S: Final = 1800.0
"""Until then caches fill, and the moods' instruments and networks are loaded in turn."""
SHORTEST_S: Final = 150.0
"""As a mood begins, textures of the last one fade out: what it needs itself shows only later."""


@dataclass(frozen=True)
class Growth:
    """A slope with its standard error; that is infinite where there is too little to tell."""

    mb_per_h: float
    error_mb_per_h: float

    def __str__(self) -> str:
        slope = round(self.mb_per_h, 2) + 0.0  # what rounding left below nought is no shrinking: not -0.00
        if not np.isfinite(self.error_mb_per_h):
            return f"{slope:+.2f} MB"
        return f"{slope:+.2f} ± {self.error_mb_per_h:.2f} MB"


def growth(time_s: Sequence[float], memory_mb: Sequence[float], moods: Sequence[str]) -> Growth:
    """Growth per hour of the least that each visit to a mood needed, every mood compared with itself only.

    Textures are the larger part of what comes and goes, and each mood has others: least squares over the visits after
    `WARM_S` (in a short run, the second half), with one slope and an offset for each mood.
    """
    rows = list(zip(time_s, memory_mb, moods, strict=True))
    warm_s = min(WARM_S, rows[-1][0] / 2)
    visits = [
        (mood, *min(((mb, second) for second, mb, _ in visit)))
        for mood, visit in ((mood, list(rows)) for mood, rows in groupby(rows, key=lambda row: row[2]))
        if visit[0][0] >= warm_s and visit[-1][0] - visit[0][0] >= SHORTEST_S
    ]
    names = sorted({mood for mood, _, _ in visits})
    if len(visits) < len(names) + 2:
        return _plain([row for row in rows if row[0] >= warm_s])
    design = np.array([[second / 3600.0, *(mood == name for name in names)] for mood, _, second in visits])
    return _fit(design, np.array([mb for _, mb, _ in visits]))


def _plain(rows: Sequence[tuple[float, float, str]]) -> Growth:
    if len(rows) < 3:
        return Growth(0.0, np.inf)
    return _fit(np.array([[second / 3600.0, 1.0] for second, _, _ in rows]), np.array([mb for _, mb, _ in rows]))


def _fit(design: np.ndarray, memory_mb: np.ndarray) -> Growth:
    found, _, rank, _ = np.linalg.lstsq(design, memory_mb, rcond=None)
    spare = len(memory_mb) - rank
    if spare < 1:
        return Growth(float(found[0]), np.inf)
    variance = float(np.sum(np.square(memory_mb - design @ found))) / spare
    error = np.sqrt(variance * np.linalg.pinv(design.T @ design)[0, 0])
    return Growth(float(found[0]), float(error))
