"""One zone on its way to snapserver: sound waits here until the pipe takes it, and nobody waits for the pipe.

Snapserver reads at the pace of its own clock, the room plays at its card's. What waits in between grows or shrinks by
that difference, so now and then a piece is left out or played twice, with a crossfade that nobody hears.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ

PIPE_BYTES: Final = 32_768
"""For each channel: 0.34 s that snapserver is ahead of this process, which may be late by as much. It is the same time
for each zone, so that no zone falls behind the others sooner than they do."""
FIRST_S: Final = 1.0
"""So much waits before the first is handed on: Pd writes in pieces of a quarter of a second."""
LEAST_S, MOST_S = 0.3, 1.3
"""Between these the mean of what waits may wander."""
MEAN_OF: Final = 100
"""Times that sound was written, about five seconds."""
FAR_S: Final = 2.5
"""More than this never waits: what is old is dropped."""
AWAY_S: Final = 0.5
"""A snapserver that takes nothing for so long is away. What is old is dropped at once when it comes back, for pieces
left out every 50 ms would be heard as music that hurries."""
PIECE: Final = 480
"""Frames that are left out or played twice."""
FADE: Final = np.linspace(0.0, 1.0, PIECE, dtype=np.float32)[:, None]

Sound = NDArray[np.float32]
"""[frames, channels]."""


class ZonePipe:
    """`path` is a FIFO, which may have no reader."""

    def __init__(self, path: Path, channels: int) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._channels = channels
        self._waiting: Sound = np.zeros((0, channels), np.float32)
        self._bytes = b""
        self._begun = False
        self._mean_s = FIRST_S
        with suppress(OSError, AttributeError):  # only Linux lets a pipe be shorter
            fcntl.fcntl(self._descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES * channels)
        self.taken_s = 0.0
        """When the pipe took something last, monotonic."""
        self.stretched = self.dropped_frames = 0

    @property
    def waiting_s(self) -> float:
        return len(self._waiting) / SAMPLE_RATE_HZ

    def write(self, sound: Sound, now_s: float) -> None:
        """Queue what is new, and hand on what the pipe takes."""
        self._waiting = np.concatenate([self._waiting, sound])
        if self._begun and now_s - self.taken_s > AWAY_S:
            self._drop_old()
        self._keep_near()
        if not self._begun and self.waiting_s >= FIRST_S:
            self._begun, self._mean_s = True, (LEAST_S + MOST_S) / 2
        while self._begun and self._hand_on(now_s):
            pass

    def close(self) -> None:
        os.close(self._descriptor)

    def _hand_on(self, now_s: float) -> bool:
        """20 ms at most; whether the pipe took all of it."""
        if not self._bytes:
            part, self._waiting = self._waiting[:960], self._waiting[960:]
            if not len(part):
                self._begun = False  # gather a little again, rather than stutter
                return False
            self._bytes = (np.clip(part, -1.0, 1.0) * 32_767.0).round().astype("<i2").tobytes()
        with suppress(BlockingIOError):
            taken = os.write(self._descriptor, self._bytes)
            self._bytes = self._bytes[taken:]
            self.taken_s = now_s
        return not self._bytes

    def _keep_near(self) -> None:
        self._mean_s += (self.waiting_s - self._mean_s) / MEAN_OF
        if self.waiting_s > FAR_S:
            self._drop_old()
        elif self._begun and len(self._waiting) > 2 * PIECE and not LEAST_S <= self._mean_s <= MOST_S:
            self._waiting = longer(self._waiting) if self._mean_s < LEAST_S else shorter(self._waiting)
            self._mean_s += (1 if self._mean_s < LEAST_S else -1) * PIECE / SAMPLE_RATE_HZ
            self.stretched += 1

    def _drop_old(self) -> None:
        keep = round(FIRST_S * SAMPLE_RATE_HZ)
        if len(self._waiting) > keep:
            self.dropped_frames += len(self._waiting) - keep
            self._waiting = self._waiting[-keep:]
            self._mean_s = FIRST_S


def shorter(sound: Sound) -> Sound:
    """`PIECE` frames less: the first piece goes over into the second."""
    crossed = sound[:PIECE] * (1.0 - FADE) + sound[PIECE : 2 * PIECE] * FADE
    return np.concatenate([crossed, sound[2 * PIECE :]])


def longer(sound: Sound) -> Sound:
    """`PIECE` frames more: the second piece goes over into the first, which is played again."""
    crossed = sound[PIECE : 2 * PIECE] * (1.0 - FADE) + sound[:PIECE] * FADE
    return np.concatenate([sound[:PIECE], crossed, sound[PIECE:]])
