"""One zone on its way to snapserver: sound waits here until the pipe takes it, and nobody waits for the pipe."""

from __future__ import annotations

import array
import fcntl
import os
import termios
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ

PIPE_BYTES: Final = 32_768
"""For each channel: 0.34 s that snapserver is ahead of this process, which may be late by as much. It is the same time
for each zone, so that no zone falls behind the others sooner than they do."""
FADE_FRAMES: Final = 480
"""Of the crossfade where frames are left out or played twice."""
FADE: Final = np.linspace(0.0, 1.0, FADE_FRAMES, dtype=np.float32)[:, None]

Sound = NDArray[np.float32]
"""[frames, channels]."""


class ZonePipe:
    """`path` is a FIFO, which may have no reader."""

    def __init__(self, path: Path, channels: int) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._frame_bytes = 2 * channels
        self._waiting: Sound = np.zeros((0, channels), np.float32)
        self._bytes = b""
        with suppress(OSError, AttributeError):  # only Linux lets a pipe be shorter
            fcntl.fcntl(self._descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES * channels)
        self.taken_s = 0.0
        """When the pipe took something last, monotonic."""

    @property
    def waiting_s(self) -> float:
        return len(self._waiting) / SAMPLE_RATE_HZ

    @property
    def behind_frames(self) -> float:
        """What snapserver has not read of this zone, here or in the pipe."""
        inside = array.array("i", [0])
        fcntl.ioctl(self._descriptor, termios.FIONREAD, inside)
        return len(self._waiting) + (len(self._bytes) + inside[0]) / self._frame_bytes

    def add(self, sound: Sound) -> None:
        self._waiting = np.concatenate([self._waiting, sound])

    def hand_on(self, now_s: float) -> None:
        """Give the pipe as much as it takes."""
        while self._hand_on_a_little(now_s):
            pass

    def keep_newest(self, frames: int) -> int:
        """Drop what is older; how many frames that were."""
        dropped = max(0, len(self._waiting) - frames)
        self._waiting = self._waiting[dropped:]
        return dropped

    def skip(self, frames: int) -> bool:
        """Leave out so many of the next frames, or play them twice if it is negative; whether enough wait for that."""
        if len(self._waiting) < abs(frames) + FADE_FRAMES:
            return False
        self._waiting = shorter(self._waiting, frames) if frames > 0 else longer(self._waiting, -frames)
        return True

    def close(self) -> None:
        os.close(self._descriptor)

    def _hand_on_a_little(self, now_s: float) -> bool:
        """20 ms at most; whether the pipe took all of it."""
        if not self._bytes:
            part, self._waiting = self._waiting[:960], self._waiting[960:]
            if not len(part):
                return False
            self._bytes = (np.clip(part, -1.0, 1.0) * 32_767.0).round().astype("<i2").tobytes()
        with suppress(BlockingIOError):
            taken = os.write(self._descriptor, self._bytes)
            self._bytes = self._bytes[taken:]
            self.taken_s = now_s
        return not self._bytes


def shorter(sound: Sound, frames: int) -> Sound:
    """So many frames less: the beginning goes over into what comes later."""
    crossed = sound[:FADE_FRAMES] * (1.0 - FADE) + sound[frames : frames + FADE_FRAMES] * FADE
    return np.concatenate([crossed, sound[frames + FADE_FRAMES :]])


def longer(sound: Sound, frames: int) -> Sound:
    """So many frames more: what comes later goes over into the beginning, which is played again."""
    crossed = sound[frames : frames + FADE_FRAMES] * (1.0 - FADE) + sound[:FADE_FRAMES] * FADE
    return np.concatenate([sound[:frames], crossed, sound[FADE_FRAMES:]])
