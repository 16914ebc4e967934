"""Values on their way to all who listen over a WebSocket; who is slow gets the latest and holds nobody up.

Commands are those of the OSCQuery proposal: {"COMMAND": "LISTEN", "DATA": "/pad/x"} and IGNORE; values go out as binary
OSC. Who opened the socket with `?BUNDLES` gets what is due at once in one bundle.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from engine.hub.oscquery.allowance import Allowance
from engine.hub.oscquery.packets import bundled, take
from engine.hub.oscquery.roles import Role
from engine.osc.messages import METERS, Report
from engine.osc.port import encode
from engine.parameters.addresses import TABLE

GATHER_S: Final = 0.02
"""What changes at the same time goes out together."""
METERS_EVERY_S: Final = 0.2
"""Nobody reads a meter faster than this on a phone."""
SLOW: Final = METERS | {Report.ROOM_METER, "/reel/lead"}
MESSAGES_PER_S: Final = 60.0
MESSAGES_BURST: Final = 120.0
COMMANDS_PER_S: Final = 100.0
COMMANDS_BURST: Final = 1500.0
"""A page listens to every address when it opens."""
MOST_IGNORED: Final = 2000
"""Who goes on after so many frames that were too much or made no sense is shut out."""
LONGEST_ERROR: Final = 300


class Socket(Protocol):
    """What is needed of a WebSocket."""

    async def send_bytes(self, data: bytes) -> None: ...


class Listener:
    """One socket: which addresses it listens to, and what it is still to be told."""

    def __init__(
        self,
        socket: Socket,
        role: Role,
        values: Mapping[str, tuple[object, ...]],
        to_hub: Callable[..., None],
        *,
        bundles: bool,
    ) -> None:
        """`values` are what the hub last said; `to_hub` takes an address and arguments."""
        self._socket, self._role, self._values, self._to_hub, self._bundles = socket, role, values, to_hub, bundles
        self.paths: set[str] = set()
        self.ignored = 0
        self._pending: dict[str, bytes] = {}
        self._wake = asyncio.Event()
        self._messages = Allowance(MESSAGES_PER_S, MESSAGES_BURST)
        self._commands = Allowance(COMMANDS_PER_S, COMMANDS_BURST)

    def offer(self, path: str, packet: bytes) -> None:
        if path in self.paths:
            self._pending[path] = packet
            self._wake.set()

    def take_text(self, text: str) -> None:
        """A command; what is none is counted."""
        try:
            command = json.loads(text)
            name, path = command["COMMAND"], command["DATA"]
        except (ValueError, TypeError, KeyError, RecursionError):
            name = path = None
        if not self._commands.take() or not isinstance(path, str) or path not in TABLE:
            self.ignored += 1
        elif name == "LISTEN":
            self.paths.add(path)
            if path in self._values:
                self.offer(path, encode(path, self._values[path]))
        elif name == "IGNORE":
            self.paths.discard(path)
            self._pending.pop(path, None)
        else:
            self.ignored += 1

    def take_bytes(self, packet: bytes) -> None:
        """OSC, for the hub. What cannot be taken is answered here, to this one alone."""
        if not self._messages.take():
            self.ignored += 1
            return
        taken = take(packet, self._role)
        for path, arguments in taken.messages:
            self._to_hub(path, *arguments)
        for number, (path, why) in enumerate(taken.refused):
            self._pending[f"/error {number}"] = encode(Report.ERROR, (path, why[:LONGEST_ERROR]))
            self._wake.set()
        self.ignored += len(taken.refused)

    @property
    def is_a_nuisance(self) -> bool:
        return self.ignored > MOST_IGNORED

    async def send_all(self) -> None:
        """Send what is due, without end; raises what the socket raises when it is gone."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_S)
            self._wake.clear()
            packets, self._pending = tuple(self._pending.values()), {}
            if self._bundles and packets:
                await self._socket.send_bytes(bundled(packets))
            else:
                for packet in packets:
                    await self._socket.send_bytes(packet)


class Feed:
    """Everybody who listens. `hear` is to be called with each message of the hub."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self._slow: dict[str, tuple[object, ...]] = {}

    def hear(self, path: str, arguments: tuple[object, ...]) -> None:
        if path in SLOW:
            self._slow[path] = arguments
        else:
            self._offer(path, arguments)

    async def tell_meters(self) -> None:
        """Without end."""
        while True:
            await asyncio.sleep(METERS_EVERY_S)
            slow, self._slow = self._slow, {}
            for path, arguments in slow.items():
                self._offer(path, arguments)

    def _offer(self, path: str, arguments: tuple[object, ...]) -> None:
        if not self.listeners:
            return
        packet = encode(path, arguments)
        for listener in self.listeners:
            listener.offer(path, packet)
