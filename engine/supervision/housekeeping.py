"""Looks after what would fail in months of playing: folders, logs, disks, a recording that is full."""

from __future__ import annotations

import logging
from typing import Final

from engine.files.paths import ROOT
from engine.files.runtime_folder import RuntimeFolder
from engine.supervision.logs import trouble
from engine.supervision.monitoring.report import disk_mb
from engine.supervision.room_failover import RoomFailover

EVERY_S: Final = 2.0
DISK_S: Final = 30.0

log = logging.getLogger(__name__)


class Housekeeping:
    """`disk` is what `monitoring.report.disk_mb` found last."""

    def __init__(self, folder: RuntimeFolder, rooms: RoomFailover) -> None:
        self._folder, self._rooms = folder, rooms
        self.disk: dict[str, float] = {}
        self._done_s = self._measured_disk_s = 0.0

    def step_if_due(self, now_s: float) -> bool:
        """Mend the folder, trim logs, measure the disk; whether it was time to. Raises OSError."""
        if now_s - self._done_s < EVERY_S:
            return False
        self._done_s = now_s
        if self._folder.mend():
            trouble(log, "runtime folder", f"{self._folder.path} was removed and is made anew")
        if now_s - self._measured_disk_s >= DISK_S:
            self._measured_disk_s = now_s
            self.disk = disk_mb(self._folder.path, ROOT)
        self._folder.trim_logs()
        if ended := self._rooms.end_recording_if_full():
            text = f"{ended} is as long as a WAV file can be; it has ended, the room plays on"
            log.warning("%s", text, extra={"event": "record", "where": "/record"})
        return True
