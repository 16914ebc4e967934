"""What supervisor, nursery and forked processes hand each other: a few words, and open files."""

from __future__ import annotations

import os
import resource
from itertools import pairwise
from typing import Final

READY: Final = b"ready"
"""The nursery has loaded what is shared."""
GO: Final = b"go"
"""The supervisor knows the process, which may run."""
MOST_BYTES: Final = 1 << 16
MOST_FILES: Final = 1 << 20


def close_all_but(*kept: int) -> None:
    """All files but the first three and those."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    for low, high in pairwise([2, *sorted(kept), most if 0 < most < MOST_FILES else MOST_FILES]):
        os.closerange(low + 1, high)
