"""What the hub writes into the stream `room`: what was heard and what people did, for lists and reports.

| kind | says |
|---|---|
| segment | at the beginning of every file: version, and every value as it then was |
| begin, end | the installation was started, or stopped as it should be |
| alive | it still plays: every minute, so that a power cut leaves a time at which it did |
| set | values that changed, by address: moods, faders, everything |
| phrase | the phrase that began to be heard |
| hold | the hold loop plays (1), or reels again (0) |
| kept | a stretch is being kept, or lies there now |
| trouble | what was said of something that went wrong |
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final

from engine.journal.place import JournalPlace
from engine.journal.writer import JournalWriter
from engine.osc.messages import Report
from engine.parameters.address import Value
from engine.version import VERSION

ALIVE_EVERY_S: Final = 60.0


class RoomJournal:
    """Notes down a run of the installation. Without a place it does nothing; nothing it does can fail or wait."""

    def __init__(self, place: JournalPlace | None, values: Mapping[str, Value]) -> None:
        self._values = dict(values)
        self._alive_s = float("-inf")
        self._writer = JournalWriter(place.folder, "room", place.room_bytes, self._headline) if place else None

    def _headline(self) -> dict[str, Any]:
        return {"version": VERSION, "values": self._values}

    def _write(self, kind: str, **fields: Any) -> None:
        if self._writer:
            self._writer.write(kind, fields)

    def begin(self, *, resumed: bool) -> None:
        """The first words of a hub; `resumed` where it follows one that died while the music went on."""
        start = {"version": VERSION, "mood": self._values["/mood"], "seed": self._values["/seed"]}
        self._write("begin", **start, resumed=resumed, options=" ".join(sys.argv[1:]))

    def values(self, values: Mapping[str, Value]) -> None:
        """Every value by address as it is now; writes those that changed."""
        changed = {path: value for path, value in values.items() if self._values.get(path) != value}
        if changed:
            self._values = dict(values)
            self._write("set", values=changed)

    def report(self, path: str, arguments: tuple[object, ...]) -> None:
        """What a process of the installation said, of which some is worth keeping."""
        match path:
            case Report.PHRASE_NOW:
                self._write("phrase", origin=str(arguments[0]))
            case Report.KEEP_NOW:
                self._write("kept", what=str(arguments[0]))
            case Report.ROOM_HOLD:
                self._write("hold", on=int(arguments[0] == 1.0))

    def trouble(self, what: str) -> None:
        self._write("trouble", what=what)

    def alive(self, now_s: float) -> None:
        if now_s - self._alive_s >= ALIVE_EVERY_S:
            self._alive_s = now_s
            self._write("alive")

    def end(self) -> None:
        self._write("end")
        if self._writer:
            self._writer.close()
