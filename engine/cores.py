"""How many processor cores this process may use, which may be fewer than the machine has."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """At least 1. Linux tells what `taskset`, systemd's `CPUAffinity` or a container left; others, what there is."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
