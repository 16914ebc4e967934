"""A compressor: a follower of both sides together, and a gain that falls where it is above the threshold."""

from __future__ import annotations

from typing import Any, Final

from engine.sound.layers.dynamics import gain_of_db
from engine.sound.layers.effect import Insert, Values
from engine.sound.layers.knob import Knob
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.wheel import Wheels

_ATTACK_S: Final = 0.005
_RELEASE_S: Final = 0.25
_HIGHEST_THRESHOLD_DB: Final = -12.0
_LOWEST_THRESHOLD_DB: Final = -36.0
_STRONGEST_SLOPE: Final = 0.75
"""1 - 1/ratio: 0.75 is 4:1."""
_MAKEUP: Final = 0.4
"""Share of what the threshold costs a loud sound that is given back to all."""


class Compressor(Insert):
    """`pyo.Compress` costs three times as much, and would treat left and right apart."""

    def __init__(self, dry: Any, wheels: Wheels) -> None:
        super().__init__(dry, wheels)
        self._threshold, self._slope, self._makeup = Knob(1.0), Knob(0.0), Knob(1.0)
        sizes = pyo.Abs(dry)
        loudest = pyo.Max(sizes[0], comp=sizes[1])
        level = pyo.Follower2(loudest, risetime=_ATTACK_S, falltime=_RELEASE_S)
        above = pyo.Sig(level)  # in thresholds
        over = pyo.Max(above, comp=1.0)
        gain = pyo.Pow(over, exponent=0.0)
        self.parts += [sizes, loudest, level, above, over, gain]
        self._threshold.moves(above.setMul)
        self._slope.moves(gain.setExponent)
        self._makeup.moves(gain.setMul)
        self.blend(pyo.Sig(dry, mul=gain))

    def set(self, values: Values) -> None:
        amount = values["compressor"]
        threshold_db = _HIGHEST_THRESHOLD_DB + amount * (_LOWEST_THRESHOLD_DB - _HIGHEST_THRESHOLD_DB)
        slope = amount * _STRONGEST_SLOPE
        on = amount > 0.0
        self.gains(float(not on), float(on))
        self._threshold.set(1 / gain_of_db(threshold_db))
        self._slope.set(-slope)
        self._makeup.set(gain_of_db(-slope * _MAKEUP * threshold_db))
