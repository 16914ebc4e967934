"""What the hub last said of every address, kept here, so that nobody who asks costs the hub anything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from engine.osc.messages import Report
from engine.osc.port import LOOPBACK, Message, OscPort

STAY_S: Final = 5.0
ALL_AGAIN_S: Final = 30.0
"""Of what UDP may have lost, everything is told again."""

Heard = Callable[[str, tuple[object, ...]], None]


class HubMirror:
    """A subscriber of the hub on UDP `port` of this machine. `heard` is called with everything that is new or echoed.

    Runs in asyncio's loop: `open` there.
    """

    def __init__(self, port: int, heard: Heard = lambda *_: None) -> None:
        self._hub = (LOOPBACK, port)
        self._heard = heard
        self._osc = OscPort(LOOPBACK, 0)
        self._all_s = -1e9
        self.values: dict[str, tuple[object, ...]] = {}
        self.heard_s = -1e9
        """When the hub last said anything, monotonic."""

    @property
    def osc(self) -> OscPort:
        return self._osc

    def open(self) -> None:
        """Take from now on what comes."""
        asyncio.get_running_loop().add_reader(self._osc.socket.fileno(), self.take)

    async def stay_subscribed(self) -> None:
        """Ask again and again; without end."""
        while True:
            self.ask()
            await asyncio.sleep(STAY_S if self.values else 0.5)

    def ask(self) -> None:
        """Stay subscribed, and now and then be told everything."""
        now_s = time.monotonic()
        self.send("/alive")
        if not self.values or now_s - self._all_s >= ALL_AGAIN_S:
            self._all_s = now_s
            self.send("/state/dump")

    def take(self) -> None:
        """What has arrived."""
        for item in self._osc.received():
            if not isinstance(item, Message) or item.source != self._hub:
                continue
            self.heard_s = time.monotonic()
            if item.path == "/alive":
                continue
            if item.path != Report.ERROR:
                self.values[item.path] = tuple(map(_as_set, item.arguments))
            self._heard(item.path, item.arguments)

    def send(self, path: str, *arguments: object) -> None:
        self._osc.send(self._hub, path, *arguments)

    def close(self) -> None:
        self._osc.close()


def _as_set(argument: object) -> object:
    """0.9, which a 32-bit float brings as 0.8999999762."""
    return float(f"{argument:.6g}") if isinstance(argument, float) else argument
