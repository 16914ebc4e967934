"""Which frame is heard now, from what the room says of each reel that it begins to play.

What the room says arrives late by anything from nothing to a few milliseconds, never early. So the clock believes an
early word more than a late one; between two words it runs on by itself. Compare F. Adriaensen, "Using a DLL to filter
time" (Linux Audio Conference 2005).
"""

from __future__ import annotations

from typing import Final

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import REEL_FRAMES

EARLIER: Final = 0.5
LATER: Final = 0.04
"""Shares of a difference that the clock takes over at each reel: a sound card's 100 millionths are 51 us a reel."""
JUMP_S: Final = 0.05
"""A reel that is so far from where it should be was begun anew; the clock goes there at once."""


class PlaybackClock:
    """Frames count from the beginning of a renderer's run; seconds are monotonic."""

    def __init__(self) -> None:
        self._frame, self._at_s = 0, 0.0

    def restart(self, number: int, now_s: float) -> None:
        """Reel `number` begins now, and nothing before it counts."""
        self._frame, self._at_s = number * REEL_FRAMES, now_s

    def follow(self, number: int, now_s: float) -> None:
        """Reel `number` begins now, as the room says, after the one before it."""
        expected_s = self.time_s(number * REEL_FRAMES)
        difference_s = now_s - expected_s
        if abs(difference_s) > JUMP_S:
            self.restart(number, now_s)
            return
        share = LATER if difference_s > 0.0 else EARLIER
        self.restart(number, expected_s + share * difference_s)

    def time_s(self, frame: float) -> float:
        """When a frame is heard, or was."""
        return self._at_s + (frame - self._frame) / SAMPLE_RATE_HZ

    def frame(self, now_s: float) -> float:
        """What is heard now."""
        return self._frame + (now_s - self._at_s) * SAMPLE_RATE_HZ
