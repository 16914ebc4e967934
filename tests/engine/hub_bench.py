"""A hub between real sockets standing for a controller, the room and the renderer, on a clock that is set by hand."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from engine.errors import ControlError
from engine.files.excerpt_requests import ExcerptRequests
from engine.hub.access import Access
from engine.hub.hub import Hub
from engine.hub.state import ControlState
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.parameters.mood_store import MoodStore
from engine.parameters.moods import list_moods
from tests.logged import Logged
from tests.ports import free_port


class Bench:
    """A hub, and the sockets around it; `got` returns what a socket has received so far."""

    def __init__(
        self,
        store: MoodStore | None = None,
        mood: str = "",
        sensors: Path | None = None,
        kept: Path | None = None,
        session_scratch: Path | None = None,
        excerpt_requests: ExcerptRequests | None = None,
    ) -> None:
        self.room, self.renderer, port = self._neighbours()
        self.now_s = 1000.0
        self.mood = mood or list_moods()[0]
        store = store or MoodStore()
        state = ControlState.of_mood(self.mood, store.load(self.mood), seed=1)
        access = Access(clock=lambda: self.now_s)
        osc = OscPort(LOOPBACK, port, access.admits)
        self._logged = Logged("engine.hub")
        self.hub = Hub(
            state,
            osc,
            access=access,
            store=store,
            sensors=sensors,
            kept=kept,
            session_scratch=session_scratch,
            excerpt_requests=excerpt_requests,
            clock=lambda: self.now_s,
        )
        self.controller = OscPort(LOOPBACK, 0)

    @staticmethod
    def _neighbours() -> tuple[OscPort, OscPort, int]:
        """Ports n + 1 and n + 2 where n is free."""
        for _ in range(50):
            port = free_port(3)
            with suppress(ControlError):  # somebody else was quicker
                return OscPort(LOOPBACK, port + 1), OscPort(LOOPBACK, port + 2), port
        raise RuntimeError("no three free ports in a row")

    @property
    def troubles(self) -> list[tuple[str, str]]:
        """What the hub has warned of: address and text."""
        return self._logged.troubles

    def say(self, path: str, *arguments: object, source: OscPort | None = None) -> None:
        (source or self.controller).send((LOOPBACK, self.hub.osc.port), path, *arguments)
        time.sleep(0.002)
        self.hub.step()
        while path == "/state/dump" and self.hub.subscribers.dumping:  # the answer comes in parts
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
        self._logged.close()
