"""Two gliding copies of a layer beside it: the left one rises while the right one falls."""

from __future__ import annotations

import math
from typing import Any, Final

from engine.sound.layers.delays import safe_places
from engine.sound.layers.effect import Insert, Values
from engine.sound.layers.knob import Knob
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.wheel import Wheels

_RATE_HZ: Final = 0.31
_MIDDLE_S: Final = 0.016
_LONGEST_S: Final = 0.04


class Chorus(Insert):
    """`pyo.Chorus` moves by sines that count from its own beginning; these are met again by a replay."""

    def __init__(self, dry: Any, wheels: Wheels) -> None:
        super().__init__(dry, wheels)
        self._depth_s = Knob(0.0)
        places = pyo.Sig([self.wheel(_RATE_HZ, phase) for phase in (0.0, 0.5)], mul=0.0, add=_MIDDLE_S)
        safe = safe_places(places)
        copies = pyo.Delay(dry, delay=safe[-1], maxdelay=_LONGEST_S)
        self.parts += [places, *safe]
        self._depth_s.moves(places.setMul)
        self.blend(copies)

    def set(self, values: Values) -> None:
        amount = values["chorus"]
        self.gains(math.cos(amount * math.pi / 4), math.sin(amount * math.pi / 4))
        self._depth_s.set(values["chorus_depth_ms"] / 1000)
