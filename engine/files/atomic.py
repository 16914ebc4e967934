"""Files that are there whole at every moment, the old one or the new one; durable ones also after a power cut."""

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


def write_whole(path: Path, text: str) -> None:
    """Put `text` at `path` without waiting for the disk, for what is made anew or often. Raises OSError.

    Several processes may do so at once; the last one counts.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, "utf-8")
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


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
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let the names in it reach the disk: a new one survives a power cut only then (fsync(2)). Raises OSError."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
