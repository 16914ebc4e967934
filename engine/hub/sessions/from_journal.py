"""A session out of the journal: all that was set in a stretch of the past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import ControlError
from engine.hub.sessions.session import Moment, Session, SessionError
from engine.journal.reader import Losses, Record, read_stream
from engine.parameters.address import Value
from engine.parameters.addresses import TABLE


def session_from_journal(folder: Path, start_s: float, length_s: float) -> Session:
    """What the stream `room` says was set from `start_s` (seconds since 1970) on. Raises SessionError for nothing."""
    moments = list(_moments(read_stream(folder, "room", Losses()), start_s, length_s))
    if not moments:
        raise SessionError(f"nothing was set then, as far as {folder} tells (`journal list` says when it played)")
    begun = datetime.fromtimestamp(start_s, UTC).astimezone().isoformat(timespec="seconds")
    return Session(begun, length_s, tuple(moments))


def _moments(records: Iterator[Record] | Sequence[Record], start_s: float, length_s: float) -> Iterator[Moment]:
    """The journal knows values, not how they were reached: a mood glides as its morph time then said."""
    morph_s, last_s = 8.0, 0.0
    for record in records:
        values: dict[str, Any] = record.fields.get("values", {}) if record.kind in ("segment", "set") else {}
        morph_s = float(values.get("/mood/morph_s", morph_s))
        at_s = record.wall_s - start_s
        if record.kind != "set" or not 0.0 <= at_s <= length_s:
            continue
        last_s = max(last_s, round(at_s, 3))  # a clock that was set back
        begins = "/mood" in values
        moment = Moment(last_s, _known(values), morph_s if begins else None, begins)
        if moment.values:
            yield moment


def _known(values: dict[str, Any]) -> dict[str, Value]:
    """Values that this version still takes."""
    kept: dict[str, Value] = {}
    for path, value in values.items():
        row = TABLE.get(path)
        if row is None or path in ("/seed", "/mood/compare"):
            continue
        try:
            parsed = row.parse([value])
        except ControlError:
            continue
        if parsed is not None:
            kept[path] = parsed
    return kept
