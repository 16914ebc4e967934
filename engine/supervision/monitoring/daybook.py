"""A line a day that a person can read: how long it played, what was in the way, what had to be started again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

SHORTEST_DAY_S: Final = 12 * 3600.0
"""A line comes at midnight, but not soon after another: the clock may have been set back."""
LONGEST_DAY_S: Final = 26 * 3600.0
"""A day is not longer than this, whatever the clock says."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What has added up since the start."""

    played_s: float = 0.0
    hold_s: float = 0.0
    silent_s: float = 0.0
    restarts: Mapping[str, int] = field(default_factory=dict)

    def since(self, earlier: Tally) -> Tally:
        """What was added after `earlier`; never below 0, even if a process began to count again."""
        names = {**earlier.restarts, **self.restarts}
        return Tally(
            max(0.0, self.played_s - earlier.played_s),
            max(0.0, self.hold_s - earlier.hold_s),
            max(0.0, self.silent_s - earlier.silent_s),
            {name: max(0, self.restarts.get(name, 0) - earlier.restarts.get(name, 0)) for name in names},
        )


def line(day: Tally) -> str:
    """For instance "played 23 h 59 min 58 s, 2 s in hold, 1 restart of the sampler"."""
    parts = [f"played {length(day.played_s)}"]
    if day.hold_s >= 0.5:
        parts.append(f"{length(day.hold_s)} in hold")
    if day.silent_s >= 0.05:
        parts.append(f"{day.silent_s:.1f} s silent" if day.silent_s < 10 else f"{length(day.silent_s)} silent")
    for name, count in day.restarts.items():
        if count:
            parts.append(f"{count} restart{'s' if count > 1 else ''} of the {name}")
    return ", ".join(parts)


def length(length_s: float) -> str:
    """Seconds as people write them: 2 s, 3 min 2 s, 23 h 59 min 58 s."""
    minutes, seconds = divmod(round(length_s), 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours} h " if hours else "") + (f"{minutes} min " if hours or minutes else "") + f"{seconds} s"


@dataclass
class Daybook:
    """Asked now and then with the tally so far; gives the line once a day."""

    begun_s: float
    day: str
    start: Tally = field(default_factory=Tally)

    @classmethod
    def open(cls, now_s: float, clock: datetime) -> Daybook:
        return cls(now_s, clock.date().isoformat())

    def line_if_due(self, tally: Tally, now_s: float, clock: datetime) -> str | None:
        """The line of the day that is over, if one is; a new day then begins."""
        day, length_s = clock.date().isoformat(), now_s - self.begun_s
        if (day == self.day or length_s < SHORTEST_DAY_S) and length_s < LONGEST_DAY_S:
            return None
        said = line(tally.since(self.start))
        self.begun_s, self.day, self.start = now_s, day, tally
        return said
