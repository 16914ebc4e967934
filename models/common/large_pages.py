"""Arrays side by side on large pages of memory, for what a loop reads from end to end at each of its steps.

On pages of 4 KB a step over twelve megabytes looks three thousand of them up, and each begins with a wait, for the
processor fetches nothing ahead across the border of a page. Where the system has no large pages, or none is free, the
arrays lie on small ones; nothing else changes.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

PAGE_BYTES: Final = 2 << 20
"""Of x86-64, and of arm64 with small pages of 4 KB."""
LINE_BYTES: Final = 64
"""Every array begins with a line of the cache: vectors that lie across two are read twice."""

Structure = TypeVar("Structure")


def together(structure: Structure) -> Structure:
    """A copy of a named tuple, of arrays and of tuples of either, whose arrays lie in one block in their order."""
    block = _block(sum(_room(array) for array in _arrays(structure)))
    copied: Structure = _copied(structure, block, iter(_places(structure)))
    return copied


def _block(size_bytes: int) -> NDArray[np.uint8]:
    """Zeros [size_bytes] that begin with a large page; what fills no large page stays on small ones."""
    pages = mmap.mmap(-1, size_bytes + PAGE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    first = -np.frombuffer(pages, np.uint8).ctypes.data % PAGE_BYTES
    whole = size_bytes // PAGE_BYTES * PAGE_BYTES
    if whole and hasattr(mmap, "MADV_HUGEPAGE"):
        pages.madvise(mmap.MADV_HUGEPAGE, first, whole)
    return np.frombuffer(pages, np.uint8)[first : first + size_bytes]


def _arrays(structure: Any) -> Iterator[NDArray[Any]]:
    if isinstance(structure, np.ndarray):
        yield structure
    else:
        for part in structure:
            yield from _arrays(part)


def _room(array: NDArray[Any]) -> int:
    return -(-array.nbytes // LINE_BYTES) * LINE_BYTES


def _places(structure: Any) -> Iterator[int]:
    place = 0
    for array in _arrays(structure):
        yield place
        place += _room(array)


def _copied(structure: Any, block: NDArray[np.uint8], places: Iterator[int]) -> Any:
    if isinstance(structure, np.ndarray):
        place = next(places)
        copy = block[place : place + structure.nbytes].view(structure.dtype).reshape(structure.shape)
        copy[...] = structure
        return copy
    parts = [_copied(part, block, places) for part in structure]
    return type(structure)(*parts) if hasattr(structure, "_fields") else tuple(parts)
