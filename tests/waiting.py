"""Waits for what another process or thread does, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

PATIENCE_S = 30.0
LOOK_S = 0.01


def until(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Returns once the condition holds; a test that waits in vain fails."""
    end_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end_s, f"in {patience_s:g} s nothing came of it"
        time.sleep(LOOK_S)


def until_stopped(pid: int) -> None:
    """The kernel stops a process when that next runs, which a signal does not wait for."""
    until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)


def until_at_rest(pid: int) -> None:
    until(lambda: psutil.Process(pid).status() == psutil.STATUS_SLEEPING)
