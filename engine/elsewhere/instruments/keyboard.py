"""One instrument as the player sees it: which keys are down and for whom, so that each of them comes up again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.music.key_events import Action, KeyEvent


class Sink(Protocol):
    """What takes keys: a MIDI port, or Pure Data."""

    def key(self, voice: str, pitch: int, velocity: int) -> None:
        """Velocity 0 lets the key go."""

    def pedal(self, voice: str, down: bool) -> None: ...

    def release(self) -> None:
        """Let everything go, whatever is down."""


class Keyboard:
    """Several voices may share it: a key stays down until the last of them has let it go. `shares_keys` is False where
    each voice has keys of its own."""

    def __init__(self, sink: Sink, shares_keys: bool = True, velocity: Callable[[int], int] = lambda value: value):
        self.sink, self._shares_keys, self._velocity = sink, shares_keys, velocity
        self._down: dict[tuple[str, int], dict[str, int]] = {}
        """By key: the voices that hold it down, and with which strike."""
        self._pedals: set[str] = set()

    @property
    def is_at_rest(self) -> bool:
        """No key and no pedal is down."""
        return not self._down and not self._pedals

    def play(self, event: KeyEvent, strike: int = 0) -> None:
        """`strike` tells the strikes of a key apart: what lets an earlier one go leaves a later one alone."""
        if event.action is Action.PEDAL:
            self._pedal(event.voice, event.value > 0)
        elif event.action is Action.ON:
            self._on(event, strike)
        elif self._down.get(self._key(event.voice, event.pitch), {}).get(event.voice) == strike:
            self._off(event.voice, event.pitch)

    def let_go(self, voice: str) -> None:
        """Every key and the pedal of one voice."""
        for _, pitch in [key for key, voices in self._down.items() if voice in voices]:
            self._off(voice, pitch)
        self._pedal(voice, down=False)

    def release(self) -> None:
        """Every key and pedal of everybody; the sink lets go also of what is not known here."""
        for voice in {voice for voices in self._down.values() for voice in voices} | self._pedals:
            self.let_go(voice)
        self.sink.release()

    def _key(self, voice: str, pitch: int) -> tuple[str, int]:
        return ("" if self._shares_keys else voice), pitch

    def _on(self, event: KeyEvent, strike: int) -> None:
        """A key that is down is let go first: it could not be struck else."""
        key = self._key(event.voice, event.pitch)
        if key in self._down:
            self.sink.key(event.voice, event.pitch, 0)
        self._down.setdefault(key, {})[event.voice] = strike
        self.sink.key(event.voice, event.pitch, self._velocity(event.value))

    def _off(self, voice: str, pitch: int) -> None:
        key = self._key(voice, pitch)
        voices = self._down.get(key, {})
        voices.pop(voice, None)
        if key in self._down and not voices:
            del self._down[key]
            self.sink.key(voice, pitch, 0)

    def _pedal(self, voice: str, down: bool) -> None:
        before = self._pedal_is_down(voice)
        self._pedals = self._pedals | {voice} if down else self._pedals - {voice}
        if self._pedal_is_down(voice) != before:
            self.sink.pedal(voice, down)

    def _pedal_is_down(self, voice: str) -> bool:
        return bool(self._pedals) if self._shares_keys else voice in self._pedals
