"""The file of sensors while the room plays: edits are taken in, a broken one is said and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from engine.errors import PresenceError
from engine.files.stamps import Stamp, stamp_of
from engine.hub.presence.settings import PresenceSettings, read_sensors

LOOK_S: Final = 0.7


class SensorsFile:
    """`look` now and then; a file counts as edited when it has been left alone from one look to the next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: Stamp | None = None
        self._unsettled = stamp_of(path)

    def look(self) -> tuple[PresenceSettings | None, str]:
        """What it holds, where that is new, and what is wrong with it, where that is."""
        stamp = stamp_of(self.path)
        if stamp == self._seen or stamp != self._unsettled:
            self._unsettled = stamp
            return None, ""
        self._seen = stamp
        if stamp is None:
            return None, f"{self.path} is gone; sensors do as it said"
        try:
            return read_sensors(str(self.path)), ""
        except PresenceError as problem:
            return None, f"{problem}; sensors do as they did"
