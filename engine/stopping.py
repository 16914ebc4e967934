"""How a command is stopped: by SIGTERM and a closed terminal as by Ctrl-C, and never in the middle of clearing up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

STOPS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
