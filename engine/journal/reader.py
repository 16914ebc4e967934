"""Reads streams of the journal: whole records in order, and what was lost where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from engine.journal.records import Damage, decode_all
from engine.journal.segments import list_segments

MOST_FILE_BYTES: Final = 64_000_000
_HEAD_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened. `wall_s` counts from 1970, `mono_s` is the machine's monotonic clock."""

    kind: str
    wall_s: float
    mono_s: float
    fields: dict[str, Any]


@dataclass
class Losses:
    """For people: what could not be read, a line each."""

    lines: list[str] = field(default_factory=list)

    def note(self, path: Path, damage: Damage) -> None:
        self.lines.append(f"{path.name}: {damage.length} bytes from byte {damage.start} on are damaged or cut off")


def read_segment(path: Path, losses: Losses) -> Iterator[Record]:
    """Every whole record of a file, in order."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_FILE_BYTES)
    except OSError as problem:
        losses.lines.append(f"{path.name}: cannot be read ({problem.strerror})")
        return
    for item in decode_all(data):
        if isinstance(item, Damage):
            losses.note(path, item)
        elif (record := _record(item)) is not None:
            yield record


def read_stream(folder: Path, stream: str, losses: Losses) -> Iterator[Record]:
    """Every whole record of a stream, oldest first."""
    for path in list_segments(folder, stream):
        yield from read_segment(path, losses)


def first_record(path: Path) -> Record | None:
    """The headline a segment begins with, or None where its beginning is damaged."""
    try:
        with path.open("rb") as file:
            first = next(iter(decode_all(file.read(_HEAD_BYTES))), None)
    except OSError:
        return None
    return _record(first) if isinstance(first, dict) else None


def _record(contents: dict[str, Any]) -> Record | None:
    kind, wall_s, mono_s = contents.get("kind"), contents.get("wall_s"), contents.get("mono_s")
    if not isinstance(kind, str) or not isinstance(wall_s, int | float) or not isinstance(mono_s, int | float):
        return None
    rest = {key: value for key, value in contents.items() if key not in ("kind", "wall_s", "mono_s")}
    return Record(kind, float(wall_s), float(mono_s), rest)
