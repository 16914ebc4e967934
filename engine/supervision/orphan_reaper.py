"""Ends what a supervisor leaves behind when it is killed, where the kernel does not (macOS knows no PR_SET_PDEATHSIG).

A small process that reads from a pipe whose other end the supervisor holds. Each child writes its own number into it
before it becomes its program. When the supervisor is gone, however, the pipe closes: then every child that still runs
is ended, with all that it started. A child that was not announced yet holds the pipe open itself, so none is missed.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Final

import psutil

_DEAF_TO: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Who asks all to stop means the supervisor."""


class OrphanReaper:
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
        """In a child that leads a group of its own: end me with the supervisor."""
        # `_read` stays open here: if nobody reads any more, the pipe fills, and no signal ends who writes
        with suppress(BlockingIOError):
            os.write(self._write, f"{os.getpid()}\n".encode())

    def close(self) -> None:
        """In the supervisor, at its end."""
        os.close(self._write)
        os.close(self._read)
        os.waitpid(self._pid, 0)


def _watch(read: int) -> None:
    """The life of the process that watches."""
    os.setsid()
    for number in _DEAF_TO:
        signal.signal(number, signal.SIG_IGN)
    begun: dict[int, float] = {}
    with os.fdopen(read) as lines:
        for line in lines:
            begun[int(line)] = _begun_s(int(line))
    for pid, begun_s in begun.items():
        if begun_s and _begun_s(pid) == begun_s:  # else its number belongs to somebody else by now
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)


def _begun_s(pid: int) -> float:
    """When a process was started, in seconds since 1970; 0 where there is none."""
    with suppress(psutil.Error):
        return psutil.Process(pid).create_time()
    return 0.0
