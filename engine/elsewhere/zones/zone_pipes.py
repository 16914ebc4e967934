"""All zones on their way to snapserver, near the room and in step with each other.

Snapserver reads at the pace of its own clock, the room plays at its card's. What waits in between grows or shrinks by
that difference, so now and then a piece is left out or played twice, with a crossfade that nobody hears, in all zones
at once.

Snapserver reads each zone by itself. Where a pipe is empty, for this process was late, it plays silence instead, and
the zone is later by that for ever; each zone by another length. So what each has not read yet is compared, and a zone
that lies behind the others leaves out the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from engine.elsewhere.zones.pipe import Sound, ZonePipe
from engine.parameters.stems import SAMPLE_RATE_HZ

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
"""Frames that are left out or played twice to stay near the room."""
COMPARED: Final = ((40, 0.008), (100, 0.004), (200, 0.002))
"""After so many looks, two to ten seconds, zones may be this far apart, in seconds. Snapserver reads 20 ms at a time,
each zone at its own moment: only the mean of many looks says where it is."""


class ZonePipes:
    """`write` takes what each zone plays, in the order of `pipes`."""

    def __init__(self, pipes: Sequence[ZonePipe]) -> None:
        self._pipes = list(pipes)
        self._begun = False
        self._mean_s = FIRST_S
        self._behind = np.zeros(len(pipes))
        self._looks = 0
        self.gathered = self.stretched = self.dropped_frames = self.brought_together = 0

    @property
    def waiting_s(self) -> float:
        """Of the zone that has least."""
        return min(pipe.waiting_s for pipe in self._pipes)

    @property
    def taken_s(self) -> float:
        """When the pipe that has waited longest took something."""
        return min(pipe.taken_s for pipe in self._pipes)

    def write(self, sounds: Sequence[Sound], now_s: float) -> None:
        """Queue what is new, and hand on what snapserver takes."""
        for pipe, sound in zip(self._pipes, sounds, strict=True):
            pipe.add(sound)
        if self._begun and now_s - self.taken_s > AWAY_S:
            self._drop_old()
        self._keep_near()
        if not self._begun and self.waiting_s >= FIRST_S:
            self._begun, self._mean_s = True, (LEAST_S + MOST_S) / 2
            self.gathered += 1
        if self._begun:
            for pipe in self._pipes:
                pipe.hand_on(now_s)
            self._begun = self.waiting_s > 0.0  # else gather a little again, rather than stutter
            self._stay_in_step()

    @property
    def figures(self) -> str:
        """What was done to the sound so far, for a log."""
        dropped_s = self.dropped_frames / SAMPLE_RATE_HZ
        changed = f"{self.stretched} pieces left out or played twice, {dropped_s:.1f} s dropped"
        return f"{self.gathered} times begun, {changed}, zones brought together {self.brought_together} times"

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.close()

    def _keep_near(self) -> None:
        self._mean_s += (self.waiting_s - self._mean_s) / MEAN_OF
        if self.waiting_s > FAR_S:
            self._drop_old()
        elif self._begun and self.waiting_s > 2 * PIECE / SAMPLE_RATE_HZ and not LEAST_S <= self._mean_s <= MOST_S:
            frames = -PIECE if self._mean_s < LEAST_S else PIECE
            for pipe in self._pipes:
                pipe.skip(frames)
            self._mean_s -= frames / SAMPLE_RATE_HZ
            self.stretched += 1

    def _drop_old(self) -> None:
        dropped = [pipe.keep_newest(round(FIRST_S * SAMPLE_RATE_HZ)) for pipe in self._pipes]
        if any(dropped):
            self.dropped_frames += max(dropped)
            self._mean_s = FIRST_S
            self._compare_anew()

    def _stay_in_step(self) -> None:
        """A zone that is later than another by more than is allowed leaves out the difference."""
        self._behind += [pipe.behind_frames for pipe in self._pipes]
        self._looks += 1
        for looks, apart_s in COMPARED:
            if self._looks == looks:
                later = np.round((self._behind - self._behind.min()) / looks).astype(int)
                if later.max() > apart_s * SAMPLE_RATE_HZ:
                    self._bring_together(later)
        if self._looks >= COMPARED[-1][0]:
            self._compare_anew()

    def _bring_together(self, later: np.ndarray) -> None:
        """`later`: by how many frames each zone is."""
        for pipe, frames in zip(self._pipes, later, strict=True):
            if frames:
                pipe.skip(int(frames))
        self.brought_together += 1
        self._compare_anew()

    def _compare_anew(self) -> None:
        self._behind[:] = 0.0
        self._looks = 0
