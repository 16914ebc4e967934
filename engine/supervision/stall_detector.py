"""Whether a process stands still as the kernel sees it: it neither works nor waits for a processor.

A process that is silent may only be late, on a machine that is busy. The kernel knows better: one that plays sleeps
and wakes hundreds of times a second, and one that is kept waiting is ready to run. One that does neither, look after
look, is stopped or stuck. One that waits for a disk is excused: another would have to wait for the same disk. Where the
kernel does not tell (macOS calls every process running), nobody is accused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import psutil

LOOKS: Final = 3
"""Seen standing still so many times in a row. A machine that slept, and its processes with it, is looked at once."""
STANDS_S: Final = 0.15
"""And for so long at least: looks may follow each other closely."""
EXCUSED: Final = (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)


@dataclass
class StallDetector:
    """Looks at one process at a time, every tenth of a second or so. Pure but for what it asks of the kernel."""

    _pid: int = 0
    _switches: int = -1
    _looks: int = 0
    _since_s: float = 0.0

    def look(self, pid: int | None, now_s: float) -> bool:
        """Whether the process `pid` (None: there is none) has been seen standing still for long enough."""
        switches = _switches_at_rest(pid) if pid is not None else None
        if switches is None or (pid, switches) != (self._pid, self._switches):
            self._looks, self._since_s = 0, now_s
        self._pid, self._switches = pid or 0, -1 if switches is None else switches
        self._looks += switches is not None
        return self._looks >= LOOKS and now_s - self._since_s >= STANDS_S


def _switches_at_rest(pid: int) -> int | None:
    """How often the process gave a processor up or lost it so far; None where it runs, wants to, waits for a
    disk, or is gone."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            if process.status() in EXCUSED:
                return None
            return sum(process.num_ctx_switches())
    except psutil.Error:
        return None
