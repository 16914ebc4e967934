"""A chord that somebody holds, on a MIDI keyboard or by OSC, as soon as it is whole."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

from engine.errors import ControlError
from engine.hub.midi.messages import NOTE, key_of
from engine.music.midi.keyboard import DRUM_CHANNEL
from engine.osc.port import Message

HARMONY: Final = "/harmony/chord"
WHOLE_S: Final = 0.03
"""Fingers strike a chord within this; what comes sooner after a key belongs to it."""
MOST_KEYS: Final = 12
NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


class HeldKeys:
    """`wanted()` is what the mood makes of visitors: keys of a keyboard count where it wants "chords"; OSC always does.

    A chord stays while any of its keys is held: who changes position lets go of some before the others.
    """

    def __init__(self, wanted: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._wanted, self._clock = wanted, clock
        self._down: set[tuple[int, int]] = set()
        self._told: tuple[int, ...] = ()
        """By OSC, when no keyboard is played."""
        self._chord: tuple[int, ...] = ()
        self._due_s: float | None = None

    def take(self, message: Message) -> None:
        """A key of a keyboard, or a chord by OSC. Raises ControlError."""
        if message.path == HARMONY:
            self._told = keys_of(message.arguments)
            self._due_s = self._clock()
        elif message.path == NOTE and self._wanted() == "chords":
            key = key_of(message.arguments)
            if key.channel == DRUM_CHANNEL + 1:
                return
            if key.velocity:
                self._down.add((key.channel, key.pitch))
                self._due_s = self._clock() + WHOLE_S
            else:
                self._down.discard((key.channel, key.pitch))
                self._due_s = self._clock() + WHOLE_S if not self._down else self._due_s

    @property
    def waits(self) -> bool:
        """A chord may be whole in a moment."""
        return self._due_s is not None

    def step(self) -> tuple[int, ...] | None:
        """The chord, lowest key first, when it has become another; empty when nothing is held any more."""
        if self._wanted() != "chords":
            self._down.clear()
        if self._due_s is None or self._clock() < self._due_s:
            return None
        self._due_s = None
        chord = tuple(sorted({pitch for _, pitch in self._down} or self._told))
        if chord == self._chord:
            return None
        self._chord = chord
        return chord

    def __str__(self) -> str:
        return " ".join(f"{NAMES[key % 12]}{key // 12 - 1}" for key in self._chord) or "none"


def keys_of(arguments: tuple[object, ...]) -> tuple[int, ...]:
    """MIDI keys of a chord. Raises ControlError."""
    numbers = [int(a) for a in arguments if isinstance(a, int | float) and math.isfinite(a) and a == int(a)]
    if len(numbers) != len(arguments) or len(numbers) > MOST_KEYS or not all(0 <= key <= 127 for key in numbers):
        raise ControlError(
            f"{HARMONY} takes up to {MOST_KEYS} keys, whole numbers from 0 to 127, but {arguments!r} came"
        )
    return tuple(sorted(set(numbers)))
