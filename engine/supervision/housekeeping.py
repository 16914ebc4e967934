"""What must be looked after every other second so that months go by: folders, logs, the journal, disks, strangers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.files.paths import ROOT
from engine.files.runtime_folder import RuntimeFolder
from engine.hub.access import Access
from engine.journal.room_journal import RoomJournal
from engine.supervision.monitoring.report import disk_mb
from engine.supervision.room_failover import RoomFailover

EVERY_S: Final = 2.0
DISK_S: Final = 30.0

Say = Callable[..., None]


class Housekeeping:
    """`say(text, trouble, event, **fields)` tells people; `disk` is what `monitoring.report.disk_mb` found last."""

    def __init__(
        self, folder: RuntimeFolder, journal: RoomJournal, rooms: RoomFailover, gate: Access, say: Say
    ) -> None:
        self._folder, self._journal, self._rooms, self._gate, self._say = folder, journal, rooms, gate, say
        self.disk: dict[str, float] = {}
        self._strangers = 0
        self._done_s = self._measured_disk_s = 0.0

    def due(self, now_s: float) -> bool:
        """Whether it is time, once."""
        if now_s - self._done_s < EVERY_S:
            return False
        self._done_s = now_s
        return True

    def step(self, now_s: float) -> None:
        """Trim logs, keep the journal alive, measure the disk; say what has come up."""
        if now_s - self._measured_disk_s >= DISK_S:
            self._measured_disk_s = now_s
            self._name_strangers()
            self.disk = disk_mb(self._folder.path, ROOT)
        self._folder.trim_logs()
        self._journal.alive(now_s)
        for complaint in self._journal.complaints():
            self._say(complaint, True, "journal")
        if ended := self._rooms.end_recording_if_full():
            self._say(f"{ended} is as long as a WAV file can be; it has ended, the room plays on", True, "record")

    def _name_strangers(self) -> None:
        """Who knocks and is not let in: once each half minute, for it may be the artist's own laptop."""
        if self._gate.refused > self._strangers:
            who = self._gate.last_refused
            self._say(f"OSC from {who} is refused; `--allow {who}` would let it in", True, "stranger", host=who)
        self._strangers = self._gate.refused
