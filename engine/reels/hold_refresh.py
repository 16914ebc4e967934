"""Keeps the hold loop fresh: from time to time it makes a new loop of what was rendered lately."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import HOLD_S
from engine.reels.hold_loop import CROSSFADE_S, write_hold_loop

FIRST_AFTER_S: Final = 60.0
REFRESH_EVERY_S: Final = 300.0
_GAIN: Final = 10 ** (-3 / 20)
_NAMES: Final = ("lately-a.wav", "lately-b.wav")
"""Taken in turn, so the room never reads a file while it is replaced."""


class HoldRefresher:
    """Remembers as much of the latest stereo sum as a loop of some length takes, its crossfade included."""

    def __init__(self, folder: Path, loop_s: float = HOLD_S) -> None:
        self.path: Path | None = None
        """The loop written last, if any."""
        self._folder = folder
        self._most_frames = round((loop_s + CROSSFADE_S) * SAMPLE_RATE_HZ)
        self._lately: deque[NDArray[np.float32]] = deque()
        self._held_frames = 0
        self._until_next = round(FIRST_AFTER_S * SAMPLE_RATE_HZ)
        self._turn = 0

    def add(self, mix: NDArray[np.float32]) -> None:
        """Take in the stereo sum [frames, 2] of what was just rendered."""
        self._lately.append(mix)
        self._held_frames += len(mix)
        self._until_next -= len(mix)
        while self._held_frames - len(self._lately[0]) >= self._most_frames:
            self._held_frames -= len(self._lately.popleft())

    def refresh(self) -> bool:
        """Write a new loop if one is due; whether one was. Raises `ReelError` if it cannot serve, and waits again."""
        if self._until_next > 0:
            return False
        self._until_next = round(REFRESH_EVERY_S * SAMPLE_RATE_HZ)
        path = self._folder / _NAMES[self._turn]
        write_hold_loop(path, np.concatenate(self._lately) * np.float32(_GAIN))
        self._turn = 1 - self._turn
        self.path = path
        return True
