"""Work that stands back: where it and others want a processor, it gets a tenth of it.

A tenth rather than nothing: a test that waits for a thread of its own must not fail because an installation begins to
play.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

AUTOGROUP: Final = Path("/proc/self/autogroup")
"""Linux shares processors out among sessions first, and only then looks at niceness within one (sched(7))."""
NICENESS: Final = 10
"""Weighs 110 where others weigh 1,024, and is interrupted as soon as one of them wakes up."""


def can_stand_back() -> bool:
    """Whether this system interrupts it for others."""
    return sys.platform == "linux"


def stand_back() -> None:
    """For the leader of a new session, and all that it starts in there."""
    os.nice(NICENESS)
    with suppress(OSError):  # not there in a container that shares processors in another way
        AUTOGROUP.write_text(str(NICENESS), "utf-8")
