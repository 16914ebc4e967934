"""Learning a knob: which it is, and how it says where it is, from the first few messages of a hand that turns it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.hub.midi.bindings import Knob, Turn
from engine.hub.midi.messages import FINE, LEFT_ALONE, Control

SETTLES_S: Final = 0.7
"""So long after its first message a knob has shown what it is."""
PATIENCE_S: Final = 60.0
"""Learning ends after this long without a touch or a turn."""


@dataclass
class Learning:
    """Begins with a control, or waits for one to be touched; then for a knob."""

    begun_s: float
    target: str = ""
    _heard: list[Control] = field(default_factory=list)
    _first_s: float = 0.0

    def hear(self, control: Control, now_s: float) -> None:
        """A knob moved. The first one that may be bound counts, and its lower bits."""
        if not self.target or control.number in LEFT_ALONE:
            return
        if not self._heard:
            self._first_s = now_s
        elif not _belong_together(self._heard[0], control):
            return
        self._heard.append(control)

    def knob(self) -> Knob | None:
        """As far as is known by now."""
        if not self._heard:
            return None
        numbers = {control.number for control in self._heard}
        number = min(numbers)
        turn: Turn = "14-bit" if len(numbers) == 2 else turn_of([control.value for control in self._heard])
        return Knob(channel=self._heard[0].channel, controller=number, turn=turn)

    def is_over(self, now_s: float) -> bool:
        if self._heard:
            return now_s - self._first_s >= SETTLES_S
        return now_s - self.begun_s >= PATIENCE_S

    def __str__(self) -> str:
        if not self.target:
            return "touch a control"
        return f"turn a knob for {self.target}"


def turn_of(values: Sequence[int]) -> Turn:
    """A knob that says where it is never says the same twice; one that says how far it was turned hardly says else."""
    repeats = any(a == b for a, b in itertools.pairwise(values))
    if not repeats:
        return "7-bit"
    if all(56 <= value <= 72 for value in values) and 64 not in values:
        return "relative_64"
    return "relative" if all(0 < value <= 8 or value >= 120 for value in values) else "7-bit"


def _belong_together(one: Control, other: Control) -> bool:
    if one.channel != other.channel:
        return False
    low, high = sorted((one.number, other.number))
    return low == high or (low < FINE and high == low + FINE)
