"""Visitors at a keyboard, as the hub sees them: what is given to the performer, and what people read of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from engine.hub.midi.messages import CONTROL, NOTE, control_of, key_of
from engine.hub.midi.visitor import Visitor
from engine.music.conductor.visitor_reply import ORIGIN
from engine.music.notes import Phrase
from engine.osc.port import Message

UNANSWERED: Final = ("off", "chords")
"""What a mood may make of visitors, but an answer."""
FORGET_S: Final = 90.0
"""A visitor waits no longer than this for an answer."""


class Visits:
    """`wanted()` is what the mood makes of visitors; with "off" the room does not listen."""

    def __init__(self, wanted: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._wanted, self._clock = wanted, clock
        self._visitor = Visitor()
        self._given_s: float | None = None
        self._answering = False

    def take(self, message: Message) -> None:
        """A message below /midi. Raises ControlError."""
        if message.path not in (NOTE, CONTROL):
            return
        now_s = self._clock()
        if message.path == CONTROL:
            self._visitor.control(control_of(message.arguments), now_s)
        elif self._wanted() not in UNANSWERED:
            self._visitor.key(key_of(message.arguments), now_s)

    def step(self) -> Phrase | None:
        """A phrase that the performer is to go on from now."""
        now_s = self._clock()
        if self._given_s is not None and now_s - self._given_s > FORGET_S:
            self._given_s = None
        phrase = self._visitor.step(now_s)
        if phrase is None or self._wanted() in UNANSWERED:
            return None
        self._given_s, self._answering = now_s, False
        return phrase

    def phrase_begins(self, origin: str) -> None:
        """The room plays a phrase that comes from there."""
        self._answering = origin.endswith(ORIGIN)
        if self._answering:
            self._given_s = None

    def __str__(self) -> str:
        if self._visitor.notes:
            return f"listening: {self._visitor.notes} notes"
        if self._answering:
            return ORIGIN
        if self._given_s is not None:
            return "thinking of an answer"
        return "an answer comes later" if self._visitor.waits else "none"
