"""Plays a session back: the same values at the same times. Where a hand takes a control, the session lets go of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.hub.sessions.session import Moment, Session
from engine.hub.state import SOUND_PATHS
from engine.parameters.address import Value


class Player:
    """`begun_s` and all times are monotonic."""

    def __init__(
        self, name: str, session: Session, begun_s: float, next_moment: int = 0, held: Iterable[str] = ()
    ) -> None:
        self.name, self.session, self._begun_s = name, session, begun_s
        self._next = next_moment
        self._held = set(held)
        """Addresses that hands have taken since it began."""

    def to_json(self) -> list[Any]:
        """Name, beginning, next moment, what hands hold: for another hub to go on."""
        return [self.name, self._begun_s, self._next, sorted(self._held)]

    def due(self, now_s: float) -> Iterator[Moment]:
        """What is to change by now, without what hands hold."""
        moments = self.session.moments
        while self._next < len(moments) and moments[self._next].at_s <= now_s - self._begun_s:
            moment = moments[self._next]
            self._next += 1
            values = {path: value for path, value in moment.values.items() if path not in self._held}
            if values or moment.press:
                begins = moment.begins_mood and "/mood" not in self._held
                yield replace(moment, values=values, begins_mood=begins)

    def hand(self, values: Mapping[str, Value], *, begins_mood: bool) -> None:
        """A hand has set these: they are its own until the session ends."""
        self._held |= set(values)
        if begins_mood:
            self._held |= SOUND_PATHS | {"/mood"}

    def passed_s(self, now_s: float) -> float:
        return now_s - self._begun_s

    def due_s(self, now_s: float) -> float:
        """How long until something is due."""
        moments = self.session.moments
        end_s = moments[self._next].at_s if self._next < len(moments) else self.session.length_s
        return max(0.0, end_s - self.passed_s(now_s))

    def is_over(self, now_s: float) -> bool:
        return self._next >= len(self.session.moments) and self.passed_s(now_s) >= self.session.length_s
