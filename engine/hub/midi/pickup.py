"""Soft take-over: a knob moves its control only from where the control stands, so that nothing jumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.hub.midi.bindings import Turn
from engine.hub.midi.messages import FINE, Control
from engine.hub.pages import place_of, value_at
from engine.parameters.address import Address, Value

ON: Final = 64
"""From this value on a button is pressed and a switch is on."""
NEAR: Final = 1.01 / 127
"""So near to where its control stands, a knob has hold of it."""
_COARSE: Final = 127.0
_WHOLE: Final = 16_383.0


@dataclass
class Grip:
    """One knob on one control, over time."""

    place: float | None = None
    """Where the knob is, 0 to 1, or, of one that only says how far it was turned, where it has put its control."""
    given: Value | None = None
    """What it last set its control to; while it still is there, the knob has hold of it."""
    upper: int = 0
    """Of a 14-bit knob."""
    pressed: bool = False

    def move(self, row: Address, turn: Turn, control: Control, value: Value | None) -> tuple[bool, Value | None]:
        """A message of its knob: whether the control moves, and to what. `value` is where that stands now."""
        if row.kind in ("none", "switch"):
            return self._press(row, control)
        at = place_of(row, value if value is not None else 0)
        if turn.startswith("relative"):
            start = self.place if self.place is not None and value == self.given else at
            self.place = min(1.0, max(0.0, start + steps(turn, control.value) / _COARSE))
            return self._give(row, value)
        before, place = self.place, self._read(turn, control)
        if place is None:
            return False, None
        held, self.place = self.holds(value), place
        reached = abs(place - at) <= NEAR or (before is not None and (before - at) * (place - at) <= 0.0)
        return self._give(row, value) if held or reached else (False, None)

    def holds(self, value: Value | None) -> bool:
        return self.given is not None and self.given == value

    def wants(self, row: Address, turn: Turn, value: Value | None) -> str:
        """For people: where to turn the knob until it has hold of its control."""
        if row.kind in ("none", "switch"):
            return "presses"
        if turn.startswith("relative") or self.holds(value):
            return "holds"
        if self.place is None:
            return "turn"
        return "↑ up" if self.place < place_of(row, value if value is not None else 0) else "↓ down"

    def _press(self, row: Address, control: Control) -> tuple[bool, Value | None]:
        before, self.pressed = self.pressed, control.value >= ON
        if row.kind == "none":
            return self.pressed and not before, None
        return True, int(self.pressed)

    def _read(self, turn: Turn, control: Control) -> float | None:
        """Where the knob is; None while only half of it has come."""
        if turn == "7-bit":
            return control.value / _COARSE
        if control.number < FINE:
            self.upper = control.value
            return None
        return (self.upper * 128 + control.value) / _WHOLE

    def _give(self, row: Address, value: Value | None) -> tuple[bool, Value | None]:
        self.given = value_at(row, self.place or 0.0)
        return self.given != value, self.given


def steps(turn: Turn, value: int) -> int:
    """How far a knob that only says so was turned; up is positive."""
    if turn == "relative_64":
        return value - 64
    return value if value < 64 else value - 128
