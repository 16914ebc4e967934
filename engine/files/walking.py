"""All files below a folder, as people lay them out: with linked folders and links that lead nowhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path


def files_below(folder: Path, complain: Callable[[Path, str], None]) -> Iterator[Path]:
    """All files below a folder in order of their paths, linked folders too; none twice by way of a circle of links."""
    found: list[Path] = []
    seen: set[str] = set()

    def unreadable(error: OSError) -> None:
        complain(Path(error.filename), f"{error.filename}: cannot be read: {error.strerror}")

    for here, folders, names in os.walk(folder, followlinks=True, onerror=unreadable):
        if (real := os.path.realpath(here)) in seen:
            folders.clear()
            continue
        seen.add(real)
        found += [Path(here, name) for name in names if not name.startswith(".")]
    yield from sorted(found)
