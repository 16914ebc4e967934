"""Slow sines that depend on the frame alone, so that a replay that begins in the middle moves as the first run did."""

from __future__ import annotations

import math
from typing import Any

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.layers.quiet_pyo import pyo


class Wheel:
    """One sine, -1 to 1, as the stream `out`. pyo's own `Sine` counts from when it was made, and drifts."""

    def __init__(self, frame: Any, frequency_hz: float, phase: float = 0.0) -> None:
        """`frame` is the stream `ManualServer.frame`; `phase` from 0 to 1."""
        self._turns_per_frame, self._phase = frequency_hz / SAMPLE_RATE_HZ, phase
        self._angle = pyo.Sig(frame, mul=2 * math.pi * self._turns_per_frame)
        self.out: Any = pyo.Sin(self._angle)

    def turn(self, step: int) -> None:
        """Stand as at the beginning of step number `step`."""
        turns = self._phase + step * STEP_FRAMES * self._turns_per_frame
        self._angle.setAdd(2 * math.pi * (turns % 1.0))

    def rest(self, needed: bool) -> None:
        """Stand still while nobody needs it."""
        for part in (self._angle, self.out):
            part.play() if needed else part.stop()


class Wheels:
    """All wheels of the graph; strips share those of one kind. They turn only while somebody uses them."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._made: dict[tuple[float, float], Wheel] = {}
        self._users: set[object] = set()
        self._turning, self._step = True, 0

    def at(self, frequency_hz: float, phase: float = 0.0) -> Any:
        """The stream of a wheel."""
        key = (frequency_hz, phase)
        if key not in self._made:
            self._made[key] = Wheel(self._frame, *key)
        return self._made[key].out

    def use(self, user: object, needed: bool) -> None:
        """Whether one that was made to move on wheels does so from the coming step on. Where nobody does, all rest."""
        self._users.add(user) if needed else self._users.discard(user)
        if self._turning != bool(self._users):
            self._turning = bool(self._users)
            for wheel in self._made.values():
                wheel.rest(self._turning)
            self.turn(self._step)

    def turn(self, step: int) -> None:
        """Let all stand as at the beginning of step number `step`."""
        self._step = step
        for wheel in self._made.values() if self._turning else ():
            wheel.turn(step)
