"""Tells the world how the installation does: `status.json`, systemd, and once a day a line for people.

The hub hands `status.json` on to Prometheus and to who asks over the network (`engine.hub.metrics`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sdnotify import SystemdNotifier

from engine.files.atomic import write_whole
from engine.supervision.monitoring.daybook import Daybook, Tally, line

LITTLE_DISK_MB: Final = {"runtime_free": 10.0, "home_free": 200.0}
DISK_AGAIN_S: Final = 3600.0
STATUS_LINE_S: Final = 30.0

log = logging.getLogger(__name__)


class StatusPublisher:
    """`publish` is called once a second. Nothing here may end the music."""

    def __init__(self, file: Path, now_s: float) -> None:
        self._file = file
        self._systemd = SystemdNotifier()
        self._ready = False
        self._status_line_s = self._little_disk_s = -1e9
        self.daybook = Daybook.open(now_s, datetime.now().astimezone())

    def publish(self, report: Mapping[str, Any], *, audible: bool, now_s: float) -> None:
        """`audible`: whether sound goes on. Only that feeds systemd's watchdog."""
        with suppress(OSError):
            write_whole(self._file, json.dumps(report, indent=1))
        self._tell_systemd(report, audible, now_s)
        if said := self.daybook.line_if_due(_tally(report), now_s, datetime.now().astimezone()):
            log.info("%s", said, extra={"event": "day"})
        self._look_at_disk(report.get("disk_mb", {}), now_s)

    def close(self, report: Mapping[str, Any]) -> None:
        """The end: what the day came to, and nothing that looks alive."""
        log.info("%s", line(_tally(report).since(self.daybook.start)), extra={"event": "day"})
        self._notify("STOPPING=1")
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _tell_systemd(self, report: Mapping[str, Any], audible: bool, now_s: float) -> None:
        if audible:
            if not self._ready:
                self._ready = True
                self._notify("READY=1")
            self._notify("WATCHDOG=1")
        if now_s - self._status_line_s >= STATUS_LINE_S:
            self._status_line_s = now_s
            self._notify(f"STATUS={line(_tally(report))}; mood {report['mood']}")

    def _notify(self, text: str) -> None:
        self._systemd.notify(text)  # says nothing where systemd did not start us, and never raises

    def _look_at_disk(self, disk: Mapping[str, float], now_s: float) -> None:
        short = [name for name, least in LITTLE_DISK_MB.items() if disk.get(name, least) < least]
        if short and now_s - self._little_disk_s >= DISK_AGAIN_S:
            self._little_disk_s = now_s
            places = {"runtime_free": str(self._file.parent), "home_free": "the disk of the installation"}
            what = " and ".join(f"{places[name]} ({disk[name]:.0f} MB free)" for name in short)
            text = f"hardly any space left: {what}; it plays on, but free some"
            log.warning("%s", text, extra={"event": "disk", "where": "/disk"})


def _tally(report: Mapping[str, Any]) -> Tally:
    return Tally(report["played_s"], report["hold_s"], report["gap_s"], dict(report["restarts"]))
