"""How much memory there is for all processes together: that of the machine, or less where the system grants less."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

CGROUP: Final = Path("/sys/fs/cgroup")


def memory_bytes(cgroup: Path = CGROUP) -> int:
    """Of this machine, or the limit of the control group (cgroups(7)) in which this runs."""
    there = psutil.virtual_memory().total
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # no such file, or "max"
            return min(there, int((cgroup / name).read_text("ascii")))
    return there
