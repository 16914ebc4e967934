"""A session as a value and as a file: lines of JSON, the first of which says what follows.

    {"session": 1, "begun": "2026-11-25T20:15:00+01:00", "length_s": 92.4, "changes": 214}
    {"at_s": 0.52, "values": {"/layer/cello/level_db": -20.0}}
    {"at_s": 4.1, "values": {"/mood": "night", …}, "glide_s": 8.0, "mood": true}
    {"at_s": 9.75, "press": "/phrase/next"}

Changes hold values as they became, not messages, so that a session sets the same whatever was set before, and whatever
has become of moods and corners since.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from engine.errors import AmeublementError, ControlError
from engine.files.checked_yaml import read_text
from engine.hub.state import check_scale_mode
from engine.parameters.address import Value
from engine.parameters.addresses import TABLE

VERSION: Final = 1
MOST_BYTES: Final = 8_000_000
MOST_CHANGES: Final = 100_000
PRESSES: Final = frozenset({"/phrase/next"})
"""What can be done again that leaves no value behind."""


class SessionError(AmeublementError):
    """A session that cannot be recorded, read or played."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What changed `at_s` after the beginning; see `engine.hub.actions.Change`."""

    at_s: float
    values: Mapping[str, Value] = field(default_factory=dict)
    glide_s: float | None = None
    begins_mood: bool = False
    press: str = ""

    def to_json(self) -> dict[str, Any]:
        """One line of the file; what is as usual is left out."""
        contents: dict[str, Any] = {"at_s": round(self.at_s, 3)}
        if self.press:
            return {**contents, "press": self.press}
        contents["values"] = dict(self.values)
        if self.glide_s is not None:
            contents["glide_s"] = self.glide_s
        return {**contents, "mood": True} if self.begins_mood else contents


@dataclass(frozen=True, slots=True)
class Session:
    """`length_s` reaches beyond the last moment: it is how long was recorded."""

    begun: str
    length_s: float
    moments: tuple[Moment, ...]

    def to_text(self) -> str:
        head = {"session": VERSION, "begun": self.begun, "length_s": round(self.length_s, 3)}
        lines = [{**head, "changes": len(self.moments)}, *(moment.to_json() for moment in self.moments)]
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def read_session(path: Path) -> Session:
    """Raises SessionError with the line in which something is wrong."""
    lines = read_text(path, SessionError, "session", MOST_BYTES).splitlines()
    head = _line(path, 1, lines[0] if lines else "")
    if head.get("session") != VERSION:
        raise SessionError(f"{path}, line 1: not a session of version {VERSION}")
    moments: list[Moment] = []
    for number, line in enumerate(lines[1:], 2):
        moment = moment_from_json(path, number, _line(path, number, line))
        if moments and moment.at_s < moments[-1].at_s:
            raise SessionError(f"{path}, line {number}: at_s is before that of the line above")
        moments.append(moment)
    last_s = moments[-1].at_s if moments else 0.0
    length_s = head.get("length_s")
    length_s = float(length_s) if isinstance(length_s, int | float) and math.isfinite(length_s) else last_s
    return Session(str(head.get("begun", "")), max(length_s, last_s), tuple(moments))


def read_head(path: Path) -> tuple[float, int]:
    """Seconds and changes, by the first line alone; nothing of each where that cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            head = json.loads(file.readline(1000))
        return float(head["length_s"]), int(head["changes"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0, 0


def _line(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        contents = json.loads(line)
    except (ValueError, RecursionError):
        contents = None
    if not isinstance(contents, dict):
        raise SessionError(f"{path}, line {number}: expected an object of JSON")
    return contents


def moment_from_json(path: Path, number: int, line: Mapping[str, Any]) -> Moment:
    """What `Moment.to_json` gave, from line `number` of `path`. Raises SessionError that names both."""
    where = f"{path}, line {number}"
    at_s, glide_s, press = line.get("at_s"), line.get("glide_s"), line.get("press", "")
    if not isinstance(at_s, int | float) or not math.isfinite(at_s) or at_s < 0:
        raise SessionError(f"{where}, at_s: expected seconds from the beginning, not {at_s!r}")
    if press:
        if press not in PRESSES:
            raise SessionError(f"{where}, press: {press!r} is not one of {', '.join(PRESSES)}")
        return Moment(float(at_s), press=str(press))
    if glide_s is not None and not (isinstance(glide_s, int | float) and 0 <= glide_s <= 600):
        raise SessionError(f"{where}, glide_s: expected seconds from 0 to 600, not {glide_s!r}")
    given = line.get("values")
    if not isinstance(given, dict):
        raise SessionError(f"{where}, values: expected values by address, not {given!r}")
    values = {path: _value(f"{where}, {path}", path, value) for path, value in given.items()}
    return Moment(float(at_s), values, None if glide_s is None else float(glide_s), line.get("mood") is True)


def _value(where: str, path: str, value: object) -> Value:
    row = TABLE.get(path)
    if row is None or row.kind not in ("float", "int", "switch", "text"):
        raise SessionError(f"{where}: is no address that holds a value")
    try:
        parsed = row.parse([value])
        if path == "/scale/mode":
            check_scale_mode(str(parsed))
    except ControlError as problem:
        raise SessionError(f"{where}: {problem}") from None
    return parsed if parsed is not None else 0
