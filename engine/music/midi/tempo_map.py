"""Ticks of a MIDI file as seconds: beats under a tempo that changes, or frames of film."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

MICROSECONDS_PER_BEAT: Final = 500_000
"""Until a file says otherwise: 120 to the minute."""
_FRAMES_PER_S: Final = {29: 30_000 / 1001}
"""29 stands for the frames of colour television, of which some are dropped; others are as many as they say."""


class TempoMap:
    """`division` as in the header: ticks to a beat, or, where negative, frames a second and ticks to a frame."""

    def __init__(self, division: int, tempos: Iterable[tuple[int, int]]) -> None:
        """`tempos` are (tick, microseconds to a beat) in order of time, of no concern where film frames count."""
        beat_us = float(MICROSECONDS_PER_BEAT)
        self._ticks, self._s = [0.0], [0.0]
        self._tick_s = _film_tick_s(division) if division < 0 else beat_us / 1e6 / division
        for tick, tempo_us in tempos if division > 0 else ():
            self._s.append(self._s[-1] + (tick - self._ticks[-1]) * self._tick_s)
            self._ticks.append(float(tick))
            self._tick_s = tempo_us / 1e6 / division

    def seconds(self, ticks: NDArray[np.float64]) -> NDArray[np.float64]:
        """Times in seconds of ticks, an array of any shape."""
        after = self._s[-1] + (ticks - self._ticks[-1]) * self._tick_s
        return np.where(ticks > self._ticks[-1], after, np.interp(ticks, self._ticks, self._s))


def _film_tick_s(division: int) -> float:
    frames, ticks_per_frame = -(division >> 8), division & 0xFF
    return 1.0 / (_FRAMES_PER_S.get(frames, frames) * ticks_per_frame)
