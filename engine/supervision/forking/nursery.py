"""A process in which Python and what several need is loaded once, and from which the others are forked.

Each of them would load the same libraries by itself: half a second of processor time and some 20 MB apiece. Forked,
they share these pages (fork(2)). The nursery does nothing else, so nothing that fails there is heard. When it is gone,
stopped, or does not answer, processes start directly from then on, as `engine.supervision.process` starts them.

For each process the supervisor opens a line of its own. The new process says its number on it when it is all that a
started one would be, and runs its program when it is told to. So none runs that the supervisor does not know of.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from engine.signals import adopting_orphans, kernel_ends_children
from engine.supervision.forking.forked_child import ForkedChild
from engine.supervision.forking.handover import GO, MOST_BYTES
from engine.supervision.forking.nursery_process import live
from engine.supervision.logs import trouble
from engine.supervision.process import Child, NotReadyError, open_log, start_directly

LOADED_S: Final = 20.0
"""Loading takes half a second, more where the machine has much else to do."""
ANSWER_S: Final = 2.0
STANDING: Final = (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)

log = logging.getLogger(__name__)


class Nursery:
    """Forks at once, so make it before any thread and any socket; `close` ends it. `start` is a `Starter`."""

    def __init__(self, written_to: Path) -> None:
        """What libraries say while they are loaded is written to that log."""
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._is_loaded = False
        self._began_s = time.monotonic()
        parent = os.getpid()
        gc.collect()
        gc.freeze()  # a collection writes to what it looks at, and what is written is not shared any more
        with open_log(written_to) as sink:
            self.pid: int | None = os.fork()
            if self.pid == 0:
                live(theirs, sink.fileno(), parent)
        theirs.close()

    @staticmethod
    def possible() -> bool:
        """Whether this system can hand a forked child to who asked for it."""
        return kernel_ends_children()

    def start(self, command: Sequence[str], written_to: Path, niceness: int, inherits: Sequence[int] = ()) -> Child:
        """A Python module of this project is forked, any other program started directly.

        Raises NotReadyError while the nursery still loads, and OSError.
        """
        if self.pid is not None and list(command[:2]) == [sys.executable, "-m"]:
            try:
                if self._loads():
                    raise NotReadyError
                return ForkedChild(self._forked(command[2:], written_to, niceness, inherits))
            except (OSError, ValueError) as error:
                self._give_up(error)
        return start_directly(command, written_to, niceness, inherits)

    def _loads(self) -> bool:
        """Whether it is still loading. Raises OSError where it will never be ready."""
        if not self._is_loaded:
            with suppress(BlockingIOError):
                self._is_loaded = bool(self._link.recv(MOST_BYTES, socket.MSG_DONTWAIT))
                if not self._is_loaded:
                    raise OSError("it has ended")
            if not self._is_loaded and time.monotonic() - self._began_s > LOADED_S:
                raise TimeoutError("it does not get ready")
        with suppress(psutil.Error):
            if psutil.Process(self.pid).status() in STANDING:
                raise OSError("it stands still")
        return not self._is_loaded

    def _forked(self, words: Sequence[str], written_to: Path, niceness: int, inherits: Sequence[int]) -> int:
        """The number of the new process. Raises OSError or ValueError where there is none in time."""
        order = json.dumps({"words": list(words), "niceness": niceness, "inherits": list(inherits)})
        ours, theirs = socket.socketpair()
        with ours, open_log(written_to) as sink, adopting_orphans():
            with theirs:
                socket.send_fds(self._link, [order.encode()], [sink.fileno(), theirs.fileno(), *inherits])
            ours.settimeout(ANSWER_S)
            if not (said := ours.recv(MOST_BYTES)):
                raise OSError("it has ended")
            ours.send(GO)
        return int(said)

    def watch(self) -> None:
        """Notice if it has ended."""
        if self.pid is not None and os.waitpid(self.pid, os.WNOHANG)[0]:
            self.pid = None
            self._give_up("it has ended")

    def _give_up(self, why: object) -> None:
        trouble(log, "nursery", f"forks no more ({why}); processes start by themselves")
        self.close()

    def close(self) -> None:
        """Ends it; those that it forked live on."""
        self._link.close()
        if self.pid is not None:
            with suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        self.pid = None
