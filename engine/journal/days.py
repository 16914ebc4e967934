"""The journal by day, for people: from the room's stream, which is small."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engine.journal.reader import Losses, Record, read_stream

SILENT_S: Final = 180.0
"""The supervisor writes once a minute: if nothing came for so long, it was not there."""


@dataclass
class Span:
    """A time without a stop, within one day. `hold_s` of it the hold loop played."""

    begin_s: float
    end_s: float
    seed: int
    moods: list[str]
    phrases: int = 0
    hold_s: float = 0.0

    @property
    def begins(self) -> str:
        return _local(self.begin_s).strftime("%H:%M:%S")

    @property
    def ends(self) -> str:
        return _local(self.end_s).strftime("%H:%M:%S")

    @property
    def length_s(self) -> float:
        return max(0.0, self.end_s - self.begin_s)


@dataclass
class Day:
    """`date` is local, as 2026-11-23."""

    date: str
    spans: list[Span] = field(default_factory=list)


def read_days(folder: Path, losses: Losses) -> list[Day]:
    """Every day on which something was played, oldest first."""
    return days(read_stream(folder, "room", losses))


def days(records: Iterable[Record]) -> list[Day]:
    """The same, of records in order."""
    reader = _DayReader()
    for record in records:
        reader.take(record)
    return reader.found


class _DayReader:
    """Goes through the records, keeping the span that is open."""

    def __init__(self) -> None:
        self.found: list[Day] = []
        self._span: Span | None = None
        self._last: Record | None = None
        self._hold_since_s: float | None = None
        self._values: dict[str, Any] = {}

    def take(self, record: Record) -> None:
        if record.kind == "segment":
            self._values |= record.fields.get("values", {})
            return
        if record.kind == "begin":
            self._values |= {f"/{name}": record.fields[name] for name in ("mood", "seed") if name in record.fields}
        gap = self._last is None or _apart_s(self._last, record) > SILENT_S
        if gap or (record.kind == "begin" and not record.fields.get("resumed")):
            self._span = None
        if self._span is None:
            self._open(record)
        elif _date(record.wall_s) != self.found[-1].date:
            self._close_hold(record.wall_s)
            self._open(record)
        self._note(record)
        self._last = record
        if record.kind == "end":
            self._span = None

    def _open(self, record: Record) -> None:
        seed, mood = int(self._values.get("/seed", 0)), str(self._values.get("/mood", ""))
        self._span = Span(record.wall_s, record.wall_s, seed, [mood] if mood else [])
        date = _date(record.wall_s)
        if not self.found or self.found[-1].date != date:
            self.found.append(Day(date))
        self.found[-1].spans.append(self._span)

    def _note(self, record: Record) -> None:
        span = self._span
        if span is None:
            return
        span.end_s = record.wall_s
        match record.kind:
            case "phrase":
                span.phrases += 1
            case "hold":
                self._close_hold(record.wall_s)
                self._hold_since_s = record.wall_s if record.fields.get("on") else None
            case "set":
                values = record.fields.get("values", {})
                self._values |= values
                mood = str(values.get("/mood", ""))
                if mood and mood not in span.moods:
                    span.moods.append(mood)

    def _close_hold(self, now_s: float) -> None:
        if self._hold_since_s is not None and self._span is not None:
            self._span.hold_s += max(0.0, now_s - max(self._hold_since_s, self._span.begin_s))
            self._hold_since_s = now_s


def _apart_s(before: Record, after: Record) -> float:
    """By the monotonic clock, unless the machine was started in between."""
    passed_s = after.mono_s - before.mono_s
    return passed_s if passed_s >= 0 else abs(after.wall_s - before.wall_s)


def _local(moment_s: float) -> datetime:
    return datetime.fromtimestamp(moment_s, UTC).astimezone()


def _date(moment_s: float) -> str:
    return _local(moment_s).strftime("%Y-%m-%d")
