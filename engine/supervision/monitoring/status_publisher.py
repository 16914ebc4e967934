"""Tells the world how the installation does: `status.json`, Prometheus, systemd, and once a day a line for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sdnotify import SystemdNotifier

from engine.files.atomic import write_whole
from engine.supervision.monitoring.daybook import Daybook, Tally, line
from engine.supervision.monitoring.metrics import MetricsServer

FILE_NAME: Final = "status.json"
METRICS_PORT: Final = 3
"""The endpoint listens on this TCP port from the base port on."""
LITTLE_DISK_MB: Final = {"runtime_free": 10.0, "home_free": 200.0}
DISK_AGAIN_S: Final = 3600.0
STATUS_LINE_S: Final = 30.0


class StatusPublisher:
    """`tell` is called once a second; `say(text, trouble, event)` tells people. Nothing here may end the music."""

    def __init__(self, folder: Path, port: int, now_s: float, say: Callable[[str, bool, str], None]) -> None:
        self._file, self._say = folder / FILE_NAME, say
        self._report: dict[str, Any] = {}
        self._systemd = SystemdNotifier()
        self._ready = False
        self._status_line_s = self._little_disk_s = -1e9
        self.daybook = Daybook.open(now_s, datetime.now().astimezone())
        self._server: MetricsServer | None = None
        try:
            self._server = MetricsServer(port + METRICS_PORT, lambda: self._report)
        except OSError as error:
            say(f"no metrics on TCP port {port + METRICS_PORT}: {error.strerror}", True, "metrics")

    def tell(self, report: Mapping[str, Any], *, audible: bool, now_s: float) -> None:
        """`audible`: whether sound goes on. Only that feeds systemd's watchdog."""
        self._report = dict(report)
        with suppress(OSError):
            write_whole(self._file, json.dumps(report, indent=1))
        self._tell_systemd(report, audible, now_s)
        if said := self.daybook.line_if_due(_tally(report), now_s, datetime.now().astimezone()):
            self._say(said, False, "day")
        self._look_at_disk(report.get("disk_mb", {}), now_s)

    def close(self, report: Mapping[str, Any]) -> None:
        """The end: what the day came to, and nothing that looks alive."""
        self._say(line(_tally(report).since(self.daybook.start)), False, "day")
        self._notify("STOPPING=1")
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
        if self._server:
            self._server.close()

    def memory(self) -> dict[str, Any]:
        return {"ready": self._ready, "daybook": asdict(self.daybook)}

    def remember(self, memory: Mapping[str, Any]) -> None:
        day = memory["daybook"]
        self._ready = memory["ready"]
        self.daybook = Daybook(day["begun_s"], day["day"], Tally(**day["start"]))

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
            self._say(f"hardly any space left: {what}; it plays on, but free some", True, "disk")


def _tally(report: Mapping[str, Any]) -> Tally:
    return Tally(report["played_s"], report["hold_s"], report["gap_s"], dict(report["restarts"]))
