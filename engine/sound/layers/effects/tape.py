"""An old tape machine: its speed wanders slowly (wow) and quickly (flutter), and loud passages are rounded off."""

from __future__ import annotations

from typing import Any, Final

from engine.parameters.scaling import gain_of_db
from engine.sound.layers.delays import safe_places
from engine.sound.layers.effect import Insert, Values
from engine.sound.layers.knob import Knob
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.wheel import Wheels

_WOW_HZ: Final = 0.55
_FLUTTER_HZ: Final = 6.3
_MOST_WOW_S: Final = 2.4e-3
"""Depth of the wandering delay: at 0.55 Hz this bends the pitch by 14 cents."""
_MOST_FLUTTER_S: Final = 1.2e-4
"""8 cents at 6.3 Hz."""
_MIDDLE_S: Final = 6.0e-3
_LONGEST_S: Final = 0.02
_BRIGHTEST_HZ: Final = 18_000.0
_DULLEST_HZ: Final = 5_000.0


class Tape(Insert):
    """All layers run on one machine: they bend together, and so stay in tune with each other."""

    def __init__(self, dry: Any, wheels: Wheels) -> None:
        super().__init__(dry, wheels)
        self._wow, self._flutter, self._top_hz = Knob(0.0), Knob(0.0), Knob(_BRIGHTEST_HZ)
        self._drive, self._makeup = Knob(1.0), Knob(1.0)
        wow = pyo.Sig(self.wheel(_WOW_HZ), mul=0.0, add=_MIDDLE_S)
        place = pyo.Sig(self.wheel(_FLUTTER_HZ), mul=0.0, add=wow)
        safe = safe_places(place)
        moved = pyo.Delay(dry, delay=safe[-1], maxdelay=_LONGEST_S)
        driven = pyo.Sig(moved)
        rounded = pyo.Tanh(driven)
        dulled = pyo.Tone(rounded, freq=_BRIGHTEST_HZ)
        self.parts += [wow, place, *safe, moved, driven, rounded]
        self._wow.moves(wow.setMul)
        self._flutter.moves(place.setMul)
        self._drive.moves(driven.setMul)
        self._makeup.moves(dulled.setMul)
        self._top_hz.moves(dulled.setFreq)
        self.blend(dulled)

    def set(self, values: Values) -> None:
        amount = values["tape"]
        on = amount > 0.0
        self.gains(float(not on), float(on))
        drive = gain_of_db(amount * values["tape_drive_db"])
        self._wow.set(amount * values["tape_wow"] * _MOST_WOW_S)
        self._flutter.set(amount * values["tape_flutter"] * _MOST_FLUTTER_S)
        self._drive.set(drive)
        self._makeup.set(1 / drive)
        self._top_hz.set(_BRIGHTEST_HZ * (_DULLEST_HZ / _BRIGHTEST_HZ) ** amount)
