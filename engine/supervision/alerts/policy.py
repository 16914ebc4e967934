"""When somebody is told: at most once per cause and hour, not in quiet hours, and once more when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from engine.supervision.alerts.settings import QuietHours

AGAIN_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to tell. `state` is "begins", "lasts" or "over"."""

    cause: str
    state: str
    text: str
    since: datetime


@dataclass
class _Known:
    since: datetime
    text: str
    told_s: float | None = None


def is_quiet(quiet: QuietHours | None, clock: datetime) -> bool:
    """Whether nobody is to be woken at this time of day."""
    if quiet is None:
        return False
    now = f"{clock:%H:%M}"
    if quiet.begin <= quiet.end:
        return quiet.begin <= now < quiet.end
    return now >= quiet.begin or now < quiet.end


@dataclass
class Policy:
    """Asked with every look at what lasts."""

    quiet: QuietHours | None = None
    _known: dict[str, _Known] = field(default_factory=dict)
    _told_s: dict[str, float] = field(default_factory=dict)
    """When a cause was last said to begin or to last."""

    def due(self, lasting: Mapping[str, str], now_s: float, clock: datetime) -> list[Alert]:
        """What to tell now. What began and ended unsaid stays unsaid."""
        alerts = []
        quiet = is_quiet(self.quiet, clock)
        for cause, text in lasting.items():
            known = self._known.setdefault(cause, _Known(clock, text))
            known.text = text
            if quiet or now_s - self._told_s.get(cause, -1e9) < AGAIN_S:
                continue
            alerts.append(Alert(cause, "lasts" if known.told_s is not None else "begins", text, known.since))
            known.told_s = self._told_s[cause] = now_s
        for cause in [cause for cause in self._known if cause not in lasting]:
            known = self._known.pop(cause)
            if known.told_s is not None:
                alerts.append(Alert(cause, "over", known.text, known.since))
        return alerts

    @property
    def now(self) -> str:
        """What lasts, for the status: "silence since 14:03"; "none" where nothing does."""
        return ", ".join(f"{cause} since {known.since:%H:%M}" for cause, known in self._known.items()) or "none"
