"""Records what changes, within bounds, and in a file, so that a hub that follows another goes on with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engine.hub.sessions.session import MOST_BYTES, MOST_CHANGES, Moment, Session, SessionError, moment_from_json
from engine.parameters.address import Value

TOGETHER_S: Final = 0.02
"""Changes so close to each other are one, for they are heard as one."""
ROOM_BYTES: Final = MOST_BYTES - 100_000
"""What the moments may take, so that the whole stays below what can be read again."""


class Recorder:
    """`begun_s` and all times are monotonic, `begun` is for people. Without `scratch` there is no file."""

    def __init__(self, name: str, begun_s: float, scratch: Path | None = None, begun: str = "") -> None:
        self.name, self._begun_s, self._scratch = name, begun_s, scratch
        self._begun = begun or datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        self._moments: list[Moment] = []
        self._bytes = 0

    def begin(self) -> None:
        """Begin the file; what an earlier session left there goes."""
        if self._scratch:
            with suppress(OSError):
                self._scratch.unlink(missing_ok=True)
            self._append({"name": self.name, "begun_s": self._begun_s, "begun": self._begun})

    @classmethod
    def resume(cls, scratch: Path) -> Recorder | None:
        """What was being recorded when a hub died; None where nothing was."""
        try:
            head, *lines = scratch.read_text("utf-8").splitlines()
            begun = json.loads(head)
            recorder = cls(str(begun["name"]), float(begun["begun_s"]), scratch, str(begun["begun"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        for number, line in enumerate(lines, 2):
            with suppress(ValueError, SessionError):  # of the last line there may be half
                recorder._take(moment_from_json(scratch, number, json.loads(line)))
        return recorder

    @property
    def is_full(self) -> bool:
        return self._bytes >= ROOM_BYTES or len(self._moments) >= MOST_CHANGES

    def change(
        self, values: Mapping[str, Value], glide_s: float | None, now_s: float, *, begins_mood: bool = False
    ) -> None:
        """Note values set at `now_s` (monotonic seconds); changes that belong together become one."""
        self._note(Moment(round(now_s - self._begun_s, 3), dict(values), glide_s, begins_mood))

    def press(self, path: str, now_s: float) -> None:
        self._note(Moment(round(now_s - self._begun_s, 3), press=path))

    def length_s(self, now_s: float) -> float:
        return now_s - self._begun_s

    def finish(self, now_s: float) -> Session:
        """The session; its file is removed by `forget`, when it is kept elsewhere."""
        return Session(self._begun, round(now_s - self._begun_s, 3), tuple(self._moments))

    def forget(self) -> None:
        """It is over: no hub goes on with it."""
        if self._scratch:
            with suppress(OSError):
                self._scratch.unlink(missing_ok=True)

    def _note(self, moment: Moment) -> None:
        self._append(moment.to_json())
        self._take(moment)

    def _take(self, moment: Moment) -> None:
        last = self._moments[-1] if self._moments else None
        if last and _are_one(last, moment):
            self._moments[-1] = replace(last, values={**last.values, **moment.values})
        else:
            self._moments.append(moment)
        self._bytes += len(json.dumps(moment.to_json()))

    def _append(self, line: Mapping[str, Any]) -> None:
        """To the file, if it can be written: what is recorded is in memory anyway."""
        if self._scratch:
            with suppress(OSError), self._scratch.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _are_one(last: Moment, moment: Moment) -> bool:
    apart_s = moment.at_s - last.at_s
    alike = (last.glide_s, last.begins_mood, last.press) == (moment.glide_s, moment.begins_mood, moment.press)
    return alike and apart_s < TOGETHER_S and not moment.begins_mood and not moment.press
