"""What the supervisor tells the hub and the rooms, from the socket on which it hears their reports."""

from __future__ import annotations

from engine.osc.port import LOOPBACK, Endpoint, OscPort
from engine.room.pd_process import SPARE_PORT


class Orders:
    """`port` is the base port; the rooms listen on those after it."""

    def __init__(self, osc: OscPort, port: int) -> None:
        self._osc = osc
        self._hub: Endpoint = (LOOPBACK, port)
        self._room: Endpoint = (LOOPBACK, port + 1)
        self._spare_room: Endpoint = (LOOPBACK, port + SPARE_PORT)

    def to_hub(self, path: str, *arguments: object) -> None:
        self._osc.send(self._hub, path, *arguments)

    def to_room(self, path: str, *arguments: object) -> None:
        self._osc.send(self._room, path, *arguments)

    def to_spare_room(self, path: str, *arguments: object) -> None:
        self._osc.send(self._spare_room, path, *arguments)
