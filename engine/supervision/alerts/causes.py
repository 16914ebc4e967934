"""What of the installation's state is worth an alert, read from its `status.json`; pure, every time is an argument."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.supervision.alerts.settings import Alerts
from engine.supervision.monitoring.hysteresis import Hysteresis
from engine.supervision.monitoring.status_publisher import LITTLE_DISK_MB

CLEAR_S: Final = 10.0
HOUR_S: Final = 3600.0
STALE_S: Final = 5.0
"""The state is written once a second; older, and nobody watches."""
CAUSES: Final = ("silence", "hold", "restarts", "disk", "card", "unheard")


@dataclass
class Causes:
    """Asked every second or so with the state (None: there is none that is new); answers which causes last."""

    settings: Alerts
    _lasting: dict[str, Hysteresis] = field(init=False)
    _restarts: deque[tuple[float, int]] = field(default_factory=deque)
    """(when, how many since the start) of the last hour."""

    def __post_init__(self) -> None:
        after_s = {**self.settings.after_s.model_dump(), "restarts": 0.0}
        self._lasting = {cause: Hysteresis(after_s[cause], CLEAR_S) for cause in CAUSES}

    def look(self, report: Mapping[str, Any] | None, now_s: float) -> dict[str, str]:
        """What lasts now, and in words for people how it is."""
        unheard = self._lasting["unheard"].see(report is None, report is not None, now_s)
        if report is None:
            return {"unheard": "its supervisor says nothing"} if unheard else {}
        words = self._words(report, now_s)
        found = {}
        for cause, text in words.items():
            if self._lasting[cause].see(bool(text), not text, now_s):
                found[cause] = text or "it is getting better"
        return found | ({"unheard": "its supervisor spoke again just now"} if unheard else {})

    def _words(self, report: Mapping[str, Any], now_s: float) -> dict[str, str]:
        """What is wrong at this moment, empty where nothing is."""
        failing = ", ".join(report.get("failing", ()))
        disk = report.get("disk_mb", {})
        short = [f"{disk[key]:.0f} MB ({key})" for key, least in LITTLE_DISK_MB.items() if disk.get(key, least) < least]
        restarts = self._restarts_of_last_hour(sum(report.get("restarts", {}).values()), now_s)
        return {
            "silence": f"what is heard is wrong: {failing}" if failing else "",
            "hold": "the hold loop plays, for no new music comes" if report.get("in_hold") else "",
            "restarts": f"{restarts} restarts within an hour" if restarts >= self.settings.restarts_per_hour else "",
            "disk": f"hardly any space left: {', '.join(short)}" if short else "",
            "card": str(report.get("card_trouble", "")),
        }

    def _restarts_of_last_hour(self, count: int, now_s: float) -> int:
        if self._restarts and count < self._restarts[-1][1]:  # another run
            self._restarts.clear()
        self._restarts.append((now_s, count))
        while now_s - self._restarts[0][0] > HOUR_S:
            self._restarts.popleft()
        return count - self._restarts[0][1]
