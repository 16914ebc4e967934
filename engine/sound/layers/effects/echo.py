"""The echo: one stereo delay line for all layers."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Final

from engine.sound.layers.delays import safe_delay_s
from engine.sound.layers.direct_inputs import direct_inputs
from engine.sound.layers.effect import Return, Values
from engine.sound.layers.knob import Knob
from engine.sound.layers.quiet_pyo import pyo

MOST_DELAY_S: Final = 2.0
_FIRST_DELAY_S: Final = 0.6
_LEAST_FALL_DB: Final = 1.0


class Echo(Return):
    """Each side has its own line, so an echo comes from where the sound was."""

    SEND = "delay"
    ONWARD: ClassVar = {"far": "delay_reverb"}

    def __init__(self, sends: Any) -> None:
        super().__init__(sends)
        self._delay_s, self._feedback = Knob(safe_delay_s(_FIRST_DELAY_S)), Knob(0.0)
        with direct_inputs():
            self.out = pyo.Delay(sends, delay=safe_delay_s(_FIRST_DELAY_S), maxdelay=MOST_DELAY_S)
        self.parts = [self.out]
        self._delay_s.moves(self.out.setDelay)
        self._feedback.moves(self.out.setFeedback)

    def set(self, values: Values) -> None:
        self._delay_s.set(safe_delay_s(values["delay_s"]))
        self._feedback.set(values["delay_feedback"])

    @staticmethod
    def tail_s(values: Values, fall_db: float) -> float:
        each_db = max(_LEAST_FALL_DB, -20 * math.log10(max(values["delay_feedback"], 1e-3)))
        return values["delay_s"] * (1 + fall_db / each_db)
