"""Keeps a drawing at the pace it was asked for: a condition alone is overshot, most where little is asked.

A network that is asked for one note a second often plays none for ten, and guidance carries it further the same way.
So what is asked follows the playing: more is asked for after a thin stretch, less after a busy one. And
nobody waits for long: after a few times the pause that the pace implies, a key must be struck.
"""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW_S: Final = 8.0
"""The playing of this long counts as the present pace; at least its least part is waited for."""
LEAST_S: Final = 2.0
PULL: Final = 1.0
"""Power of asked / played by which what is asked now moves away from what was asked at first."""
MOST_PULL: Final = 3.0
PAUSES: Final = 3.0
SHORTEST_PATIENCE_S: Final = 1.5
LONGEST_PATIENCE_S: Final = 4.5


class DensityControl:
    """What to ask for now, and how long to wait, of a drawing that was asked for `notes_per_s`."""

    def __init__(self, notes_per_s: float) -> None:
        self._asked = notes_per_s
        self._onsets_s: deque[float] = deque()
        self.patience_s = min(max(PAUSES / notes_per_s, SHORTEST_PATIENCE_S), LONGEST_PATIENCE_S)
        """A longer wait for the next note than this is none that music makes at this pace."""

    def struck(self, time_s: float) -> None:
        """A key went down."""
        self._onsets_s.append(time_s)

    def density_to_ask(self, time_s: float) -> float:
        """Notes per second to ask for at `time_s`."""
        while self._onsets_s and self._onsets_s[0] < time_s - WINDOW_S:
            self._onsets_s.popleft()
        heard_s = min(time_s, WINDOW_S)
        if heard_s < LEAST_S:
            return self._asked
        played = max(len(self._onsets_s), 0.5) / heard_s
        return self._asked * min(max((self._asked / played) ** PULL, 1 / MOST_PULL), MOST_PULL)
