"""A compressor: a follower of both sides together, and a gain that falls where it is above the threshold.

Above the threshold the gain is (level / threshold) ^ -slope, so in front of it stands threshold ^ slope. It moves in
milliseconds, so level and gain are computed at every other frame.
"""

from __future__ import annotations

from typing import Any, Final

from engine.parameters.scaling import gain_of_db
from engine.sound.layers.direct_inputs import direct_inputs
from engine.sound.layers.effect import Insert, Values
from engine.sound.layers.knob import Knob
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.resampling import every_other_frame, thinned, whole
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
    """`pyo.Compress` costs three times as much, and would treat left and right apart.

    At nought the gain is 1, so nothing has to be faded over.
    """

    def __init__(self, dry: Any, wheels: Wheels) -> None:
        super().__init__(dry, wheels)
        with every_other_frame(dry), direct_inputs():
            self._threshold, self._slope, self._makeup = Knob(1.0), Knob(0.0), Knob(0.5)
            sides = thinned(dry)
            sizes = pyo.Abs(sides)
            loudest = pyo.Max(sizes[0], comp=sizes[1])
            level = pyo.Follower2(loudest, risetime=_ATTACK_S, falltime=_RELEASE_S)
            over = pyo.Max(level, comp=1.0)
            gain = pyo.Pow(over, exponent=0.0)
        ways_out = whole(gain)
        self._gain = ways_out[-1]
        self.out: Any = pyo.Sig(dry)
        self.parts += [sides, sizes, loudest, level, over, gain, *ways_out]
        self._threshold.moves(over.setComp)
        self._slope.moves(gain.setExponent)
        self._makeup.moves(gain.setMul)
        self._connected = False
        self._wake(False)

    def set(self, values: Values) -> None:
        amount, neutral = values["compressor"], self._slope.at_rest_at_zero
        if amount == 0.0 and neutral:
            self.pause()
            return
        if not self._awake:
            self._wake(True)
            amount = 0.0  # for a step, its follower rises
        elif not self._connected:
            self._connected = True
            self.out.setMul(self._gain)
        threshold_db = _HIGHEST_THRESHOLD_DB + amount * (_LOWEST_THRESHOLD_DB - _HIGHEST_THRESHOLD_DB)
        slope = amount * _STRONGEST_SLOPE
        self._threshold.set(gain_of_db(threshold_db))
        self._slope.set(-slope)
        self._makeup.set(0.5 * gain_of_db(slope * (1 - _MAKEUP) * threshold_db))  # `whole` doubles

    def pause(self) -> None:
        self._wake(False)
        self._connected = False
        self.out.setMul(1.0)
