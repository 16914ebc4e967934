"""Keeps a drawing at the pace it was asked for: a condition alone is overshot, most where little is asked.

A network that is asked for one note a second often plays none for ten, and guidance carries it further the same way.
So what is asked follows the playing: more is asked for after a thin stretch, less after a busy one. And
nobody waits for ever: after a while, now shorter and now longer, a key must be struck. (After the same while each time
the longest wait alone gave a phrase away: people's vary more.)
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np

WINDOW_S: Final = 8.0
"""The playing of this long counts as the present pace; at least its least part is waited for."""
LEAST_S: Final = 2.0
PULL: Final = 1.0
"""Power of asked / played by which what is asked now moves away from what was asked at first."""
MOST_PULL: Final = 3.0
PAUSES: Final = 3.0
"""So many notes' time at the pace asked for, but at least `SHORTEST_PAUSE_S`, is a pause."""
SHORTEST_PAUSE_S: Final = 1.0
LEAST_PAUSE: Final = 0.5
MEAN_PAUSE: Final = 0.9
"""A wait may last the first share of a pause, and as much longer as an exponential distribution of the second mean
says: waits above 1.5, 2 and 3 s then come about as often as in calm playing of rolls."""
LONGEST_PATIENCE_S: Final = 6.0


class DensityControl:
    """What to ask for now, and how long to wait, of a drawing that was asked for `notes_per_s`.

    Args:
        rng: says how long each wait may last.
    """

    def __init__(self, notes_per_s: float, rng: np.random.Generator | None = None) -> None:
        self._asked = notes_per_s
        self._rng = rng or np.random.default_rng(0)
        self._onsets_s: deque[float] = deque()

    def patience_s(self) -> float:
        """How long the next note may be waited for; another time each time."""
        pause_s = max(PAUSES / self._asked, SHORTEST_PAUSE_S)
        longer = -MEAN_PAUSE * math.log(1.0 - self._rng.random())
        return min(pause_s * (LEAST_PAUSE + longer), LONGEST_PATIENCE_S)

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
