"""Files that a power cut cannot take: at every moment there is the old one or the new one, whole."""

from __future__ import annotations

import os
from pathlib import Path


def replace_durably(path: Path, contents: bytes, previous: Path | None = None) -> None:
    """Put `contents` at `path`; what was there is kept as `previous` where one is named. Raises OSError.

    Contents reach the disk before a name points to them, and the names before this returns (rename(2), fsync(2)).
    """
    if previous is not None and path.exists():
        previous.parent.mkdir(exist_ok=True)
        _replace(previous, path.read_bytes())
    _replace(path, contents)


def _replace(path: Path, contents: bytes) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(contents)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
