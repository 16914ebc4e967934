"""Plays what stands beside the reels when they are heard. It reads no clock and opens nothing, so tests drive it.

A key may be struck ahead of time, by as much as its instrument takes to sound. But no key is struck of a reel that the
room may not play: what follows a reel waits until the room has begun it, but for that little ahead. Where a reel does
not follow the one before, where the room holds, stops or says nothing, every key is let go.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable
from typing import Final, NamedTuple

from engine.elsewhere.instruments.keyboard import Keyboard
from engine.elsewhere.instruments.playback_clock import PlaybackClock
from engine.music.key_events import Action, KeyEvent
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import REEL_FRAMES, REEL_S
from engine.reels.reel_keys import ReelKeys

OVERDUE_S: Final = 0.25
"""The room says every half second which reel it begins; this much later it must be dead, or it holds."""
TOO_LATE_S: Final = 0.1
"""A key that could not be struck in time is left out: this process stood still."""


class Route(NamedTuple):
    """Where a voice's keys go; `ahead_s` says how long before the sound, given the velocity."""

    keyboard: Keyboard
    ahead_s: Callable[[int], float]


Routes = Callable[[str], Iterable[Route]]
"""Where a voice goes, given the port that its mood names ("" where none)."""


class _Due(NamedTuple):
    """An event on its way to one keyboard, which it leaves for at `frame`."""

    frame: float
    serial: int
    event: KeyEvent
    keyboard: Keyboard
    strike: int
    """Which strike of its key it begins or ends."""


class Player:
    """`keyboards` are all that there are; `routes` finds among them those that a voice plays."""

    def __init__(self, routes: Routes, keyboards: Callable[[], Iterable[Keyboard]]) -> None:
        self._routes, self._keyboards = routes, keyboards
        self._clock = PlaybackClock()
        self._queue: list[_Due] = []
        self._serial = 0
        self._strikes: dict[tuple[int, str, int], tuple[int, float]] = {}
        """Serial of the latest strike of a key, by keyboard, voice and pitch, and the frame at which it leaves."""
        self._generation, self._playing, self._read = "", -1, -1
        self._silent: frozenset[str] = frozenset()
        self._closed = False
        self.left_out = 0
        """Notes that came too late to be struck."""

    def reel_begins(self, keys: ReelKeys, now_s: float, following: ReelKeys | None = None) -> None:
        """The room begins to play a reel; `following` is the next one, where it is there already."""
        if (keys.generation, keys.number) == (self._generation, self._playing + 1):
            self._clock.follow(keys.number, now_s)
        else:
            self.release()
            self._clock.restart(keys.number, now_s)
            self._generation, self._read = keys.generation, keys.number - 1
        self._playing = keys.number
        for each in (keys, following):
            if each is not None and (each.generation, each.number) == (self._generation, self._read + 1):
                self._read = each.number
                self._take(each)

    def release(self) -> None:
        """Every key comes up, and what was to come is forgotten: a seam, the hold loop, a stop."""
        self._queue.clear()
        self._strikes.clear()
        self._playing = self._read = -2
        for keyboard in self._keyboards():
            keyboard.release()

    def silence(self, voices: Collection[str], *, closed: bool) -> None:
        """Voices whose stem is muted are let go at once. A room that is `closed` strikes no more keys, and lets those
        that are down end as written, as it fades."""
        for voice in set(voices) - self._silent:
            for keyboard in self._keyboards():
                keyboard.let_go(voice)
        self._silent, self._closed = frozenset(voices), closed

    def step(self, now_s: float) -> None:
        """Send what is due; let go of everything where the room says nothing any more."""
        if self._playing < 0:
            return
        now = min(self._clock.frame(now_s), self._end_frame)
        while self._queue and self._queue[0].frame < now:
            self._send(heapq.heappop(self._queue), now_s)
        if now_s > self._clock.time_s(self._end_frame) + OVERDUE_S:
            self.release()

    def next_s(self, now_s: float) -> float:
        """How long until `step` has something to do, in seconds."""
        if self._playing < 0:
            return REEL_S
        overdue_s = self._clock.time_s(self._end_frame) + OVERDUE_S - now_s
        if self._queue and self._queue[0].frame < self._end_frame:
            overdue_s = min(overdue_s, self._clock.time_s(self._queue[0].frame) - now_s)
        return max(0.0, overdue_s)

    @property
    def _end_frame(self) -> int:
        """Where the reel that plays is over: nothing leaves after it before the room says what follows."""
        return (self._playing + 1) * REEL_FRAMES

    def _take(self, keys: ReelKeys) -> None:
        for event in keys.events:
            for route in self._routes(keys.ports.get(event.voice, "")):
                frame = keys.number * REEL_FRAMES + event.frame - route.ahead_s(event.value) * SAMPLE_RATE_HZ
                self._queue_up(frame, event, route.keyboard)

    def _queue_up(self, frame: float, event: KeyEvent, keyboard: Keyboard) -> None:
        """A soft stroke leaves further ahead than a hard one, but never before the stroke before it on its key."""
        self._serial += 1
        key = (id(keyboard), event.voice, event.pitch)
        strike, struck_frame = self._strikes.get(key, (0, float("-inf")))
        if event.action is Action.ON:
            strike, frame = self._serial, max(frame, struck_frame)
            self._strikes[key] = (strike, frame)
        elif event.action is Action.OFF:
            frame = max(frame, struck_frame)
        heapq.heappush(self._queue, _Due(frame, self._serial, event, keyboard, strike))

    def _send(self, due: _Due, now_s: float) -> None:
        event = due.event
        if event.action is Action.ON or (event.action is Action.PEDAL and event.value):
            if event.voice in self._silent or self._closed:
                return
            if now_s - self._clock.time_s(due.frame) > TOO_LATE_S:
                self.left_out += 1
                return
        due.keyboard.play(event, due.strike)
