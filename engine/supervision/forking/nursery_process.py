"""The life of the nursery; see `engine.supervision.forking.nursery`."""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

from setproctitle import setproctitle

from engine.signals import STOPS, become_child
from engine.supervision.forking.forked_process import become
from engine.supervision.forking.handover import MOST_BYTES, READY, close_all_but
from engine.supervision.process import ARENAS, FRUGAL, MMAP_THRESHOLD, TRIM_THRESHOLD

SHARED: Final = ("engine.renderer.renderer",)
"""What is loaded before anybody is forked. The first sound waits for it, so it is what the renderer needs; others share
of it what they need, too, and load the rest by themselves."""
MOST_DESCRIPTORS: Final = 8
M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8


def live(link: socket.socket, log: int, supervisor: int) -> NoReturn:
    """In the nursery: load, then fork for whoever asks, until nobody can ask any more."""
    with suppress(BaseException):
        handlers = {number: signal.getsignal(number) for number in STOPS}
        _begin(link.fileno(), log)
        gc.disable()
        for module in SHARED:
            with suppress(Exception):  # whoever needs it loads it, and says why it cannot
                importlib.import_module(module)
        gc.freeze()  # no collection writes to what is shared
        gc.enable()
        if _threads() == 1:  # a fork has one thread, and all locks that others hold (pthread_atfork(3))
            link.send(READY)
            os.kill(supervisor, signal.SIGCHLD)  # as by a child that ends: it looks at once who is to be started
            while os.getppid() == supervisor and _fork_for(link, supervisor, handlers):
                pass
    os._exit(0)


def _begin(link: int, log: int) -> None:
    """Leave behind what is the supervisor's: its session, terminal, files and signals."""
    for number in STOPS:  # who asks all to stop means the supervisor
        signal.signal(number, signal.SIG_IGN)
    signal.set_wakeup_fd(-1)
    os.setsid()
    become_child(0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    close_all_but(link)
    os.environ.update(FRUGAL)  # for libraries that are loaded from now on; what has begun takes it from mallopt(3)
    libc = ctypes.CDLL(None)
    libc.mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD)
    libc.mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD)
    libc.mallopt(M_ARENA_MAX, ARENAS)
    setproctitle("python -m nursery")


def _fork_for(link: socket.socket, supervisor: int, handlers: dict[signal.Signals, Any]) -> bool:
    """Fork for one order; whether there was one."""
    order, descriptors, _, _ = socket.recv_fds(link, MOST_BYTES, MOST_DESCRIPTORS)
    if not order:
        return False
    between = os.fork()
    if between == 0:  # it ends at once, so that the supervisor becomes the parent of what it forks
        if os.fork() == 0:
            link.close()
            become(json.loads(order), descriptors, supervisor, handlers)
        os._exit(0)
    os.waitpid(between, 0)
    for descriptor in descriptors:
        os.close(descriptor)
    return True


def _threads() -> int:
    """Of this process, Python's and others."""
    return len(list(Path("/proc/self/task").iterdir()))
