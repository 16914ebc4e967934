"""Low cut and high cut of a strip: Butterworth filters of second order, which are out of the way at their ends."""

from __future__ import annotations

from typing import Any, Final

from engine.sound.layers.effect import Insert, Values
from engine.sound.layers.knob import Knob
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.wheel import Wheels

LOW_OPEN_HZ: Final = 20.0
HIGH_OPEN_HZ: Final = 20_000.0


class LowCut(Insert):
    """In single precision `pyo.ButHP` never forgets its past at 20 Hz (rounding 65 dB under the sound) and does so from
    40 Hz on; `pyo.SVF2` is exact, and costs four times as much."""

    def __init__(self, dry: Any, wheels: Wheels) -> None:
        super().__init__(dry, wheels)
        self._cut_hz = Knob(LOW_OPEN_HZ)
        cut = pyo.ButHP(dry, freq=LOW_OPEN_HZ)
        self._cut_hz.moves(cut.setFreq)
        self.blend(cut)

    def set(self, values: Values) -> None:
        on = values["highpass_hz"] > LOW_OPEN_HZ
        self.gains(float(not on), float(on))
        self._cut_hz.set(values["highpass_hz"])


class HighCut(Insert):
    """Open, it takes nothing, not even the little that a filter at 20 kHz would."""

    def __init__(self, dry: Any, wheels: Wheels) -> None:
        super().__init__(dry, wheels)
        self._cut_hz = Knob(HIGH_OPEN_HZ)
        cut = pyo.ButLP(dry, freq=HIGH_OPEN_HZ)
        self._cut_hz.moves(cut.setFreq)
        self.blend(cut)

    def set(self, values: Values) -> None:
        on = values["lowpass_hz"] < HIGH_OPEN_HZ
        self.gains(float(not on), float(on))
        self._cut_hz.set(values["lowpass_hz"])
