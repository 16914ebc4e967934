"""A hub between real sockets standing for a controller, the room and the renderer, on a clock that is set by hand."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from engine.errors import ControlError
from engine.hub.hub import Hub
from engine.hub.state import ControlState
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.parameters.mood_store import MoodStore
from engine.parameters.moods import list_moods


class Bench:
    """A hub, and the sockets around it; `got` returns what a socket has received so far."""

    def __init__(
        self,
        store: MoodStore | None = None,
        mood: str = "",
        sensors: Path | None = None,
        kept: Path | None = None,
    ) -> None:
        self.room, self.renderer, port = self._neighbours()
        self.reports: list[tuple[str, tuple[object, ...]]] = []
        self.changes = 0
        self.now_s = 1000.0
        self.mood = mood or list_moods()[0]
        store = store or MoodStore()
        state = ControlState.of_mood(self.mood, store.load(self.mood), seed=1)
        self.hub = Hub(
            state,
            port,
            store=store,
            sensors=sensors,
            kept=kept,
            on_report=lambda path, arguments: self.reports.append((path, arguments)),
            on_change=self._changed,
            clock=lambda: self.now_s,
        )
        self.controller = OscPort(LOOPBACK, 0)

    @staticmethod
    def _neighbours() -> tuple[OscPort, OscPort, int]:
        """Ports n + 1 and n + 2 where n is free."""
        for _ in range(50):
            probe = OscPort(LOOPBACK, 0)
            port = probe.port
            probe.close()
            with suppress(ControlError):
                return OscPort(LOOPBACK, port + 1), OscPort(LOOPBACK, port + 2), port
        raise RuntimeError("no three free ports in a row")

    def _changed(self) -> None:
        self.changes += 1

    def say(self, path: str, *arguments: object, source: OscPort | None = None) -> None:
        (source or self.controller).send((LOOPBACK, self.hub.osc.port), path, *arguments)
        time.sleep(0.002)
        self.hub.step()
        while path == "/state/dump" and self.hub.audience.dumping:  # the answer comes in parts
            self.hub.step()

    def later(self, seconds: float) -> None:
        self.now_s += seconds
        self.hub.step()

    def got(self, port: OscPort) -> dict[str, tuple[object, ...]]:
        time.sleep(0.005)
        return {item.path: item.arguments for item in port.received(1000) if isinstance(item, Message)}

    def close(self) -> None:
        for port in (self.room, self.renderer, self.controller):
            port.close()
        self.hub.close()
