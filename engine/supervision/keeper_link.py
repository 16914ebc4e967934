"""How a supervisor speaks with its keeper: it has processes started, hears what ended, and has things remembered."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

import psutil

MOST_WAITING_BYTES: Final = 1 << 20
"""What an end that does not read is sent: beyond it messages are dropped, each as a whole."""
BUFFER_BYTES: Final = 1 << 20
"""Asked of the system for what is on its way; some give eight kilobytes to who does not ask."""
PIECE_BYTES: Final = 1 << 16


class Wire:
    """One end of a pair of stream sockets, which every Unix has: messages in JSON, a line each.

    Neither end waits for the other: what does not fit now goes with the next call.
    """

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        end.setblocking(False)
        for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, buffer, BUFFER_BYTES)
        self._coming, self._going = b"", b""

    def send(self, message: Mapping[str, Any]) -> None:
        if len(self._going) < MOST_WAITING_BYTES:
            self._going += json.dumps(message).encode() + b"\n"
        self._push()

    def receive(self) -> Iterator[dict[str, Any]]:
        """All messages that have come whole."""
        self._push()
        with suppress(OSError):  # nothing more is there, or nobody
            while piece := self.socket.recv(PIECE_BYTES):
                self._coming += piece
        *whole, self._coming = self._coming.split(b"\n")
        for line in whole:
            yield json.loads(line)

    def _push(self) -> None:
        with suppress(OSError):
            while self._going:
                self._going = self._going[self.socket.send(self._going) :]


@dataclass(frozen=True, slots=True)
class Kept:
    """A process that the keeper holds. `log_begins` is how long its log was before it wrote anything."""

    pid: int
    started_s: float
    log_begins: int
    log: str


@dataclass
class KeptChild:
    """A process that the keeper started, with what `process.Process` needs of a `subprocess.Popen`."""

    name: str
    pid: int
    link: KeeperLink
    code: int | None = None

    def poll(self) -> int | None:
        if self.code is None:
            self.link.listen()
            self.code = self.link.codes.pop(self.name, None)
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        end_s = time.monotonic() + (3600.0 if timeout is None else timeout)
        while (code := self.poll()) is None:
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                raise subprocess.TimeoutExpired(self.name, timeout or 0.0)
            select.select([self.link.socket], [], [], left_s)
        return code


@dataclass
class KeeperLink:
    """The supervisor's end. `kept` is what ran when this supervisor began, `memory` what the last one remembered."""

    ANSWER_S: ClassVar[float] = 2.0

    socket: socket.socket
    kept: Mapping[str, Kept] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    """Exit status by name of what has ended."""
    _answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    _count: int = 0
    _wire: Wire = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._wire = Wire(self.socket)

    def start(self, name: str, command: Sequence[str], log: Path, niceness: int) -> KeptChild:
        """Have a process started. Raises OSError when it cannot be, or when the keeper does not answer."""
        self._count += 1
        key = f"{name} {time.monotonic_ns()} {self._count}"
        request = {"start": key, "command": list(command), "log": str(log), "niceness": niceness}
        self._wire.send({**request, "asked_s": time.monotonic()})
        end_s = time.monotonic() + self.ANSWER_S
        while key not in self._answers and (left_s := end_s - time.monotonic()) > 0:
            select.select([self.socket], [], [], left_s)
            self.listen()
        answer = self._answers.pop(key, {"why": "the keeper does not answer"})
        if "pid" not in answer:
            raise OSError(answer["why"])
        return KeptChild(key, answer["pid"], self)

    def adopt(self, key: str) -> KeptChild | None:
        """What runs under that name since before this supervisor; None if it has ended."""
        return KeptChild(key, self.kept[key].pid, self) if key in self.kept else None

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Have this remembered for the next supervisor, instead of what was before; also the sign of life."""
        self._wire.send({"memory": memory})

    def wake(self) -> bool:
        """Let a keeper go on that somebody stopped, for it would start nothing any more; whether it was stopped.

        Ctrl-Z in its terminal does that, too: the installation then plays on as after `bg`.
        """
        with suppress(psutil.Error, OSError):
            keeper = psutil.Process(os.getppid())
            if keeper.status() == psutil.STATUS_STOPPED:
                keeper.send_signal(signal.SIGCONT)
                return True
        return False

    def listen(self) -> None:
        for message in self._wire.receive():
            if "ended" in message:
                self.codes[message["ended"]] = message["code"]
            else:
                self._answers[message.get("started") or message.get("refused", "")] = message
