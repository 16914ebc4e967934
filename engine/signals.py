"""How a process ends: by any signal as by Ctrl-C, never in the middle of clearing up, and with its parent."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psutil

PR_SET_PDEATHSIG: Final = 1
PR_SET_CHILD_SUBREAPER: Final = 36
STOPS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def stop_as_by_ctrl_c() -> None:
    """SIGTERM and SIGHUP raise KeyboardInterrupt in the main thread from now on, unless they were to be ignored."""
    for number in STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


@contextmanager
def unstoppable() -> Iterator[None]:
    """What would stop a command is heard only afterwards: for what takes moments and must not be done by halves.

    An impatient second Ctrl-C, for one, comes while what the first one left is removed. In threads other than the
    main one there is nothing to do, since signals interrupt only that.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    before = {number: signal.signal(number, lambda number, _: heard.append(number)) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if heard:
        signal.raise_signal(heard[0])


def kernel_ends_children() -> bool:
    """Whether a child can be made to end with its parent; elsewhere see `engine.supervision.orphan_reaper`."""
    return _libc is not None


def become_child(niceness: int) -> None:
    """Runs in the child, before the program: the kernel ends it when its parent is gone, however (prctl(2))."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if niceness:
        os.nice(niceness)


@contextmanager
def adopting_orphans() -> Iterator[None]:
    """Meanwhile the calling process becomes the parent of whoever loses his own among its descendants (prctl(2))."""
    if _libc is not None:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        if _libc is not None:
            _libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


def wake_stopped_parent() -> bool:
    """Let a parent go on that somebody stopped (SIGSTOP, or Ctrl-Z in its terminal); whether it was stopped."""
    with suppress(psutil.Error, OSError):
        parent = psutil.Process(os.getppid())
        if parent.status() == psutil.STATUS_STOPPED:
            parent.send_signal(signal.SIGCONT)
            return True
    return False
