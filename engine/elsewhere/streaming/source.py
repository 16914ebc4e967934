"""The room's sound as a stream that never ends: where the room has nothing to say for a while, silence is put in."""

from __future__ import annotations

from typing import Final

from engine.elsewhere.heard_tail import HeardTail
from engine.parameters.stems import SAMPLE_RATE_HZ

LATE_S: Final = 1.5
"""Pd writes every quarter of a second, and later where the machine is busy. After this the room is silent, or gone."""
PADDING_S: Final = 0.25


class Source:
    """`width` is the bytes of a frame. Nothing comes before the room has sounded once."""

    def __init__(self, tail: HeardTail, width: int = 6) -> None:
        self._tail, self._width = tail, width
        self._until_s: float | None = None
        self.padded_frames = 0
        """Silence put in so far, because the room gave nothing."""

    def read(self, now_s: float) -> bytes:
        """What is new; silence where there was nothing for `LATE_S`. The pace is the room's own, for no clock of this
        machine agrees with a sound card's."""
        data = self._tail.read(now_s)
        if data or self._until_s is None:
            self._until_s = now_s if data else None
            return data
        if now_s - self._until_s <= LATE_S:
            return b""
        frames = round((now_s - self._until_s - LATE_S + PADDING_S) * SAMPLE_RATE_HZ)
        self._until_s += frames / SAMPLE_RATE_HZ
        self.padded_frames += frames
        return bytes(frames * self._width)
