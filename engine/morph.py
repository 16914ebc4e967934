"""How numbers glide: every layer and effect value travels to its target on its own curve, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.addresses import SOUND, values_of
from engine.settings import SoundSettings

GLIDING: Final = {
    row.path: row.curve for row in SOUND if row.kind == "float" and row.path.startswith(("/layer/", "/effects/"))
}
"""Addresses of the numbers that glide, with their curves; everything else changes at once or with the phrase."""


class Morph:
    """Where each gliding number stands. A log curve glides in the logarithm, so frequencies and times sound even."""

    def __init__(self, settings: SoundSettings) -> None:
        self._paths = list(GLIDING)
        self._log = np.array([GLIDING[path] == "log" for path in self._paths])
        self._target = self._positions(values_of(settings))
        self._now = self._target.copy()
        self._rate_per_s = np.zeros(len(self._paths))
        self._left_s = np.zeros(len(self._paths))

    def aim(self, settings: SoundSettings, glide_s: float) -> None:
        """Travel to `settings` in `glide_s`; numbers whose target did not change keep their journey."""
        target = self._positions(values_of(settings))
        changed = target != self._target
        self._target = target
        glide_s = max(glide_s, 1e-3)
        self._rate_per_s[changed] = (target - self._now)[changed] / glide_s
        self._left_s[changed] = glide_s

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self._now += self._rate_per_s * np.minimum(seconds, self._left_s)
        self._left_s = np.maximum(0.0, self._left_s - seconds)
        arrived = self._left_s <= 0
        self._now[arrived] = self._target[arrived]
        self._rate_per_s[arrived] = 0.0

    def values(self) -> dict[str, float]:
        """The numbers as they stand, by address."""
        values = np.where(self._log, np.exp(np.where(self._log, self._now, 0.0)), self._now)
        return dict(zip(self._paths, values.tolist(), strict=True))

    def _positions(self, values: Mapping[str, object]) -> NDArray[np.float64]:
        numbers = np.array([float(str(values[path])) for path in self._paths])
        return np.where(self._log, np.log(np.where(self._log, numbers, 1.0)), numbers)
