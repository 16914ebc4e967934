"""A value of the graph that never jumps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.layers.quiet_pyo import pyo

STEP_S: Final = STEP_FRAMES / SAMPLE_RATE_HZ

Number = float | Sequence[float]


class Knob:
    """A number, or one for each stream, that reaches every new target in exactly one step, on a ramp (`pyo.SigTo`).

    At rest it is a plain number: ramps that do not move would cost a fifth of the graph. Make it before what it moves:
    pyo computes in the order of making, and a ramp that comes later is heard a block late, after a block of zeros.
    """

    def __init__(self, value: Number) -> None:
        self._value = _plain(value)
        self._ramp = pyo.SigTo(self._value, time=STEP_S, init=self._value)
        self._ramp.stop()
        self._setters: tuple[Callable[[Any], None], ...] = ()
        self._moving = False

    def moves(self, *setters: Callable[[Any], None]) -> None:
        """What is told of it from now on: methods of pyo's objects such as `setMul`."""
        self._setters = setters
        self._hand_on(self._value)

    @property
    def at_rest_at_zero(self) -> bool:
        """Whether it has arrived at 0."""
        return self.rests_at(0.0)

    def rests_at(self, value: float) -> bool:
        """Whether it has arrived there."""
        return not self._moving and self._value == value

    def tell_again(self) -> None:
        """Set what it moves to what it is, after somebody else has moved that."""
        self._hand_on(self._ramp if self._moving else self._value)

    def set(self, value: Number) -> None:
        """Go to `value` within the coming step; call it at every step."""
        if value != self._value:
            self._value = _plain(value)
            self._ramp.value = self._value
            if not self._moving:
                self._ramp.play()
                self._hand_on(self._ramp)
                self._moving = True
        elif self._moving:
            self._hand_on(self._value)
            self._ramp.stop()
            self._moving = False

    def _hand_on(self, what: Any) -> None:
        for setter in self._setters:
            setter(what)


def _plain(value: Number) -> Any:
    """pyo refuses numpy's numbers."""
    return [float(one) for one in value] if isinstance(value, Sequence) else float(value)
