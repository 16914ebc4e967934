"""Keys and pedals as they go down and up, from a file or from a visitor, gathered into strokes.

Times are whatever the caller counts in, ticks or seconds. Controllers are those of the MIDI 1.0 specification.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

DRUM_CHANNEL: Final = 9
"""Counted from 0: what musicians call channel 10."""
SUSTAIN: Final = 64
PEDAL_DOWN: Final = 64
"""From this value on the pedal holds."""
ALL_SOUND_OFF: Final = 120
RESET_ALL_CONTROLLERS: Final = 121
ALL_NOTES_OFF: Final = frozenset({ALL_SOUND_OFF, 123, 124, 125, 126, 127})
"""Controllers that release all keys of a channel: both that say so, and the changes of mode that imply it."""
PLAYING: Final = ALL_NOTES_OFF | {SUSTAIN, RESET_ALL_CONTROLLERS}
"""All controllers that matter here."""


SHORTEST_NOTE_S: Final = 0.01
"""Of strokes that end where they begin."""


class Stroke(NamedTuple):
    """One key from down to up; `track` is where it was written."""

    start: float
    end: float
    pitch: int
    velocity: int
    track: int = 0


class _Held(NamedTuple):
    start: float
    velocity: int
    track: int


class Keyboard:
    """All channels of one instrument; `strokes` and `pedal` grow as keys and pedals come up."""

    def __init__(self, most: int | None = None) -> None:
        """Of strokes, and of spans of pedal, the last `most` are remembered; all where it is not given."""
        self.strokes: deque[Stroke] = deque(maxlen=most)
        self.pedal: deque[tuple[float, float]] = deque(maxlen=most)
        self._held: dict[tuple[int, int], list[_Held]] = {}
        self._cut: dict[tuple[int, int, int], float] = {}
        self._pedal_down: dict[int, float] = {}

    @property
    def held(self) -> int:
        """Keys that are down."""
        return sum(map(len, self._held.values()))

    def strike(self, time: float, channel: int, pitch: int, velocity: int, track: int = 0) -> None:
        """A key goes down; if it was down already, the stroke before ends."""
        own = [held for held in self._held.get((channel, pitch), ()) if held.track == track]
        if any(held.start == time for held in own):  # the same stroke written twice
            return
        for held in own:
            self._end(channel, pitch, held, time)
            self._cut[channel, pitch, track] = time
        self._held.setdefault((channel, pitch), []).append(_Held(time, velocity, track))

    def release(self, time: float, channel: int, pitch: int, track: int = 0) -> None:
        """A key comes up. A release at the moment of a second stroke, and after it, belongs to the first."""
        if self._cut.pop((channel, pitch, track), None) == time:
            return
        held = self._held.get((channel, pitch))
        if held:
            self._end(channel, pitch, next((one for one in held if one.track == track), held[0]), time)

    def control(self, time: float, channel: int, number: int, value: int) -> None:
        """A controller moves; those that are no pedal and release nothing are of no concern."""
        if number == SUSTAIN and value >= PEDAL_DOWN:
            self._pedal_down.setdefault(channel, time)
        elif number in (SUSTAIN, RESET_ALL_CONTROLLERS, ALL_SOUND_OFF):
            self._lift(channel, time)
        if number in ALL_NOTES_OFF:
            self._release_channel(channel, time)

    def finish(self, time: float) -> None:
        """All keys and pedals come up."""
        for (channel, pitch), held in self._all():
            self._end(channel, pitch, held, time)
        for channel in list(self._pedal_down):
            self._lift(channel, time)

    def release_older(self, before: float, longest: float) -> None:
        """Keys down since before `before` were up after `longest`: their release got lost."""
        for (channel, pitch), held in self._all():
            if held.start < before:
                self._end(channel, pitch, held, held.start + longest)

    def pedal_until(self, time: float) -> list[tuple[float, float]]:
        """All spans of pedal so far, those that last still as if they ended now."""
        return [*self.pedal, *((start, time) for start in self._pedal_down.values())]

    def forget(self) -> None:
        """Strokes and pedal that are over have been dealt with; keys and pedals that are down stay so."""
        self.strokes.clear()
        self.pedal.clear()

    def _release_channel(self, channel: int, time: float) -> None:
        """What begins at this very moment, in another track, is meant to stay."""
        for (own, pitch), held in self._all():
            if own == channel and held.start < time:
                self._end(channel, pitch, held, time)

    def _all(self) -> Iterator[tuple[tuple[int, int], _Held]]:
        yield from [(key, held) for key, several in self._held.items() for held in several]

    def _end(self, channel: int, pitch: int, held: _Held, time: float) -> None:
        several = self._held[channel, pitch]
        several.remove(held)
        if not several:
            del self._held[channel, pitch]
        self.strokes.append(Stroke(held.start, time, pitch, held.velocity, held.track))

    def _lift(self, channel: int, time: float) -> None:
        start = self._pedal_down.pop(channel, time)
        if time > start:
            self.pedal.append((start, time))
