"""How near a phrase is to the middle of people's playing, in all statistics at once.

A linear critic may lead away from people who play in several ways: what lies farthest from the drawings is far from
most people, too. Nearness to the middle does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]

FURTHEST: Final = 2.0
"""Standard deviations at which a statistic is cut off, so that no single one of them rules."""
LEAST_SPREAD: Final = 1e-3


@dataclass(frozen=True)
class Typicality:
    """`middle` and `spread` [features] of people's playing; `weight` is what a squared deviation costs, in log-odds."""

    middle: Table
    spread: Table
    weight: float

    @classmethod
    def of(cls, people: Table, drawn: Table, log_odds: float) -> Typicality:
        """From statistics [phrases x features]; among drawings it varies by so many log-odds (standard deviation)."""
        found = cls(people.mean(0), people.std(0) + LEAST_SPREAD, 1.0)
        varies = float(np.std([found.score(row) for row in drawn]))
        return cls(found.middle, found.spread, log_odds / max(varies, LEAST_SPREAD))

    def score(self, statistics: Table) -> float:
        """Of the statistics [features] of a phrase, in log-odds: 0 in the very middle, less elsewhere."""
        away = np.clip((statistics - self.middle) / self.spread, -FURTHEST, FURTHEST)
        return -self.weight * float(away @ away)
