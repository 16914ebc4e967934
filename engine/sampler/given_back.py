"""Memory that the sampler does not need any more goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import mmap
import sys
from contextlib import suppress
from typing import Final

import psutil

COMPILER: Final = "libllvmlite"
"""Part of the name of the library that compiles. What has been compiled, or read from its cache, does without it."""


def give_back() -> None:
    """What reading weights has left between what stays (malloc_trim(3)), and the compiler's library."""
    gc.collect()
    with suppress(AttributeError, OSError):  # other C libraries have no such call
        ctypes.CDLL(None).malloc_trim(0)
    give_back_library(COMPILER)


def give_back_library(name: str) -> None:
    """Pages of a library that are as they lie on disk (madvise(2)); one that is needed again is read again.

    They count as this process's for as long as it has seen them, even if only once. Those that it has written to stay.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for part in psutil.Process().memory_maps(grouped=False):
        if name in part.path and "w" not in part.perms and not part.private_dirty and part.rss:
            first, end = (int(address, 16) for address in part.addr.split("-"))
            libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(end - first), mmap.MADV_DONTNEED)
