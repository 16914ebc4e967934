"""Records what changes, within bounds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from engine.hub.sessions.session import MOST_BYTES, MOST_CHANGES, Moment, Session
from engine.parameters.address import Value

TOGETHER_S: Final = 0.02
"""Changes so close to each other are one: nobody hears them apart."""
ROOM_BYTES: Final = MOST_BYTES - 100_000
"""What the moments may take, so that the whole stays below what can be read again."""


class Recorder:
    """`begun_s` and all times are monotonic."""

    def __init__(self, name: str, begun_s: float) -> None:
        self.name, self._begun_s = name, begun_s
        self._begun = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        self._moments: list[Moment] = []
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        return self._bytes >= ROOM_BYTES or len(self._moments) >= MOST_CHANGES

    def change(
        self, values: Mapping[str, Value], glide_s: float | None, now_s: float, *, begins_mood: bool = False
    ) -> None:
        """Note values set at `now_s` (monotonic seconds); changes that belong together become one."""
        moment = Moment(round(now_s - self._begun_s, 3), dict(values), glide_s, begins_mood)
        last = self._moments[-1] if self._moments else None
        if last and _are_one(last, moment):
            self._moments[-1] = replace(last, values={**last.values, **values})
        else:
            self._moments.append(moment)
        self._bytes += len(json.dumps(moment.to_json()))

    def press(self, path: str, now_s: float) -> None:
        self._moments.append(Moment(round(now_s - self._begun_s, 3), press=path))

    def length_s(self, now_s: float) -> float:
        return now_s - self._begun_s

    def finish(self, now_s: float) -> Session:
        return Session(self._begun, round(now_s - self._begun_s, 3), tuple(self._moments))


def _are_one(last: Moment, moment: Moment) -> bool:
    apart_s = moment.at_s - last.at_s
    alike = (last.glide_s, last.begins_mood, last.press) == (moment.glide_s, moment.begins_mood, moment.press)
    return alike and apart_s < TOGETHER_S and not moment.begins_mood
