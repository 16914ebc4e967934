"""What the renderer tells the room: reels that are ready, and the loop that it holds where none comes."""

from __future__ import annotations

import logging
import time
from typing import Final

from engine.errors import ReelError
from engine.osc.messages import Order
from engine.osc.port import OscPort
from engine.reels.cutter import Reel, ReelFolder
from engine.reels.hold_refresh import HoldRefresher

AGAIN_S: Final = 2.0
"""If the room takes no reel for this long, it may have missed an announcement; repeating one does no harm."""

log = logging.getLogger("renderer")


class Announcements:
    """Sends them through the renderer's socket to `room`, host and port."""

    def __init__(self, osc: OscPort, room: tuple[str, int], reels: ReelFolder, hold: HoldRefresher) -> None:
        self._osc, self._room = osc, room
        self._reels, self._hold = reels, hold
        self._due_s = 0.0

    def ready(self, reel: Reel, seam: float) -> None:
        """`reel` may be played; `seam`: 1 where it does not begin as the one before ends, 0 where it does."""
        channel, frame, value = reel.mark
        self._osc.send(self._room, Order.REEL_READY, str(reel.path), seam, float(channel), float(frame), value)

    def all(self) -> None:
        """To a room that has just started: every reel that it could play, and what it holds."""
        for place, reel in enumerate(self._reels.unplayed):
            self.ready(reel, 1.0 if place == 0 else reel.seam)
        self._hold_loop()

    def put_off(self) -> None:
        """The room has just taken a reel, so it hears."""
        self._due_s = time.monotonic() + AGAIN_S

    def again_if_due(self) -> None:
        """Where the room has taken none for a while."""
        if time.monotonic() >= self._due_s:
            self.put_off()
            for reel in self._reels.unplayed:
                self.ready(reel, reel.seam)

    def refresh_hold(self) -> None:
        """A new loop of what was rendered last, where it is time for one."""
        try:
            if self._hold.refresh():
                self._hold_loop()
        except ReelError as problem:
            log.warning("%s", problem)

    def _hold_loop(self) -> None:
        if self._hold.path is not None:
            self._osc.send(self._room, Order.HOLD_LOAD, str(self._hold.path))
