"""Ends what a keeper leaves behind when it is killed, where the kernel does not (macOS knows no PR_SET_PDEATHSIG).

A small process that reads from a pipe whose other end the keeper holds. Each child writes its own number into it
before it becomes its program, and the keeper writes what has ended. When the keeper is gone, however, the pipe closes:
then every child that still runs is ended, with all that it started. A child that was not announced yet holds the pipe
open itself, so none is missed.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Final

_BEGUN: Final = "+"
_ENDED: Final = "-"
_DEAF_TO: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Who asks all to stop means the keeper."""


class Mourner:
    """Begins to watch at once; forks, so make it before any thread. `close` ends what is left, and the watching."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._pid = os.fork()
        if self._pid == 0:
            with suppress(BaseException):
                os.close(self._write)
                _watch(self._read)
            os._exit(0)

    def begin(self) -> None:
        """In a child that leads a group of its own: end me with the keeper."""
        self._tell(_BEGUN, os.getpid())

    def let_go(self) -> None:
        """Hold the pipe no longer: in a child that does not become another program."""
        os.close(self._write)
        os.close(self._read)

    def ended(self, pid: int) -> None:
        """In the keeper: its number may belong to somebody else from now on."""
        self._tell(_ENDED, pid)

    def close(self) -> None:
        """In the keeper, at its end."""
        self.let_go()
        os.waitpid(self._pid, 0)

    def _tell(self, sign: str, pid: int) -> None:
        # `_read` stays open here: if nobody reads any more, the pipe fills, and no signal ends who writes
        with suppress(BlockingIOError):
            os.write(self._write, f"{sign}{pid}\n".encode())


def _watch(read: int) -> None:
    """The life of the process that watches."""
    os.setsid()
    for number in _DEAF_TO:
        signal.signal(number, signal.SIG_IGN)
    left = set()
    with os.fdopen(read) as lines:
        for line in lines:
            pid = int(line[1:])
            if line.startswith(_BEGUN):
                left.add(pid)
            else:
                left.discard(pid)
    for pid in left:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
