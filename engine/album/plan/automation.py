"""Automation: numbers that move along curves through given points, each on its own scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.addresses import SOUND, values_of
from engine.parameters.scaling import SILENCE_DB
from engine.parameters.sound import SoundSettings

LOUDEST_DB: Final = 6.0
"""The upper end of a level's range."""

MOVING: Final = {
    row.path: row for row in SOUND if row.kind == "float" and row.path.startswith(("/layer/", "/effects/"))
}
"""The numbers that an automation can move, by address."""


@dataclass(frozen=True)
class Curve:
    """Values at times in seconds, times rising; before the first and after the last the value stays.

    A log curve goes straight in the logarithm, so that frequencies and times move evenly.
    """

    times_s: tuple[float, ...]
    values: tuple[float, ...]
    is_log: bool = False

    def at(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.is_log:
            return np.asarray(np.exp(np.interp(times_s, self.times_s, np.log(self.values))))
        return np.asarray(np.interp(times_s, self.times_s, self.values))


class Automation:
    """Every number of `MOVING` at every step of a track."""

    def __init__(
        self,
        settings: SoundSettings,
        curves: Mapping[str, Curve],
        times_s: NDArray[np.float64],
        dynamics: Curve | None = None,
    ) -> None:
        """`times_s` [steps]: the moments at which the numbers of each step are reached; `dynamics`: added to levels."""
        values = values_of(settings)
        self._fixed = {path: float(str(values[path])) for path in MOVING if path not in curves}
        self._moving = {path: curve.at(times_s) for path, curve in curves.items()}
        if dynamics is not None and any(dynamics.values):
            self._swell(dynamics.at(times_s))

    def _swell(self, added_db: NDArray[np.float64]) -> None:
        """Levels of all layers moved together; what is silent stays so."""
        for path in [path for path in MOVING if path.startswith("/layer/") and path.endswith("/level_db")]:
            level_db = self._moving.get(path, np.full(len(added_db), self._fixed.pop(path, 0.0)))
            moved = np.clip(level_db + added_db, SILENCE_DB, LOUDEST_DB)
            self._moving[path] = np.where(level_db <= SILENCE_DB, SILENCE_DB, moved)

    def values(self, step: int) -> dict[str, float]:
        """The numbers of a step, by address."""
        return {**self._fixed, **{path: float(line[step]) for path, line in self._moving.items()}}
