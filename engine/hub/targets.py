"""Controllers that send from one port and listen on another: where they want to be told, by message or by file.

`/subscribe` with a port, or with an address and a port, lasts for an hour after the last message from there. The file
`targets.yaml` in the state folder names those that are always told: `targets: ["192.168.1.20:9000"]`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from engine.errors import ControlError
from engine.files.checked_yaml import read_document
from engine.files.stamps import Stamp, stamp_of
from engine.hub.access import Access
from engine.hub.subscribers import Subscribers
from engine.osc.port import Endpoint, Message

FILE_NAME: Final = "targets.yaml"
MOST_TARGETS: Final = 16
LASTS_S: Final = 3600.0
LOOK_S: Final = 2.0


def _endpoint(text: str) -> str:
    """Raises ValueError."""
    host, _, port = text.rpartition(":")
    try:
        IPv4Address(host)
        if 0 < int(port) < 65_536:
            return text
    except ValueError:
        pass
    raise ValueError("expected an address and a port such as 192.168.1.20:9000")


class TargetsFile(BaseModel):
    """The file as it is written."""

    model_config = ConfigDict(extra="forbid")
    targets: list[Annotated[str, AfterValidator(_endpoint)]] = Field(max_length=MOST_TARGETS)


class Targets:
    """`step` now and then keeps them subscribed; `access` says who may be told."""

    def __init__(
        self,
        subscribers: Subscribers,
        access: Access,
        tell_all: Callable[[Endpoint], None],
        folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._subscribers, self._access, self._tell_all, self._clock = subscribers, access, tell_all, clock
        self._file = folder / FILE_NAME if folder else None
        self._stamp: Stamp | None = None
        self._fixed: list[Endpoint] = []
        self._until_s: dict[Endpoint, float] = {}
        self._look_due_s = 0.0

    def take(self, message: Message) -> None:
        """`/subscribe` or `/unsubscribe`. Raises ControlError."""
        who = self._endpoint_of(message)
        if message.path == "/unsubscribe":
            self._until_s.pop(who, None)
            if who not in self._fixed:
                self._subscribers.subscribers.pop(who, None)
            return
        if who not in self._until_s and len(self._until_s) >= MOST_TARGETS:
            raise ControlError(f"/subscribe: {MOST_TARGETS} targets are told already; /unsubscribe one")
        self._subscribers.subscribe(who)
        self._until_s[who] = self._clock() + LASTS_S
        self._tell_all(who)

    def heard_from(self, host: str) -> None:
        """Somebody there still moves things."""
        for who in self._until_s:
            if who[0] == host:
                self._until_s[who] = self._clock() + LASTS_S

    def step(self) -> str:
        """Keep them subscribed; what is wrong with the file, where that is new."""
        now_s = self._clock()
        if now_s < self._look_due_s:
            return ""
        self._look_due_s = now_s + LOOK_S
        complaint = self._look()
        self._until_s = {who: end_s for who, end_s in self._until_s.items() if end_s > now_s}
        for who in (*self._fixed, *self._until_s):
            known = who in self._subscribers.subscribers
            try:
                self._subscribers.subscribe(who)
            except ControlError as problem:
                return str(problem)
            if not known:
                self._tell_all(who)
        return complaint

    def to_json(self) -> list[list[Any]]:
        """For the hub that follows: the file it reads itself."""
        now_s = self._clock()
        return [[*who, round((end_s - now_s) / 60)] for who, end_s in self._until_s.items()]

    def restore(self, told: Sequence[Sequence[Any]]) -> None:
        """What `to_json` gave. Raises ValueError or TypeError for anything else."""
        for host, port, minutes in told:
            self._until_s[str(host), int(port)] = self._clock() + 60.0 * float(minutes)

    def _endpoint_of(self, message: Message) -> Endpoint:
        *hosts, port = message.arguments or (None,)
        host = hosts[0] if hosts else message.source[0]
        if len(hosts) > 1 or not isinstance(host, str) or not isinstance(port, int | float) or not 0 < port < 65_536:
            raise ControlError(f"{message.path} takes a port, or an address and a port, but {message.arguments!r} came")
        if not self._access.knows(host):
            raise ControlError(f"{message.path}: {host} is not in the networks that may send")
        return host, int(port)

    def _look(self) -> str:
        if self._file is None:
            return ""
        stamp = stamp_of(self._file)
        if stamp == self._stamp:
            return ""
        self._stamp = stamp
        try:
            self._fixed = _read(self._file) if stamp else []
        except ControlError as problem:
            return f"{problem}; those of before are told"
        return ""


def _read(path: Path) -> list[Endpoint]:
    """Raises ControlError."""
    found = read_document(path, TargetsFile, ControlError, "file of targets").model.targets
    return [(host, int(port)) for host, _, port in (text.rpartition(":") for text in found)]
