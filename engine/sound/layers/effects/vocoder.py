"""The vocoder: twenty bands, in which a texture or a drone takes the strength of what layers say.

The highest band lies at 4.4 kHz, so it computes every other frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from engine.sound.layers.direct_inputs import direct_inputs
from engine.sound.layers.knob import STEP_S
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.resampling import every_other_frame, thinned, whole

_STAGES: Final = 20
_LOWEST_HZ: Final = 90.0
_SPREAD: Final = 1.3
_Q: Final = 12.0
_SLOPE: Final = 0.6
_GAIN: Final = 10.0
_TAIL_S: Final = 1.0


class Vocoder:
    """`out` is its voice, one stream, when the last of `said` is spoken with `carrier`. It sleeps, with all of `said`,
    once its tail has rung out."""

    def __init__(self, said: Sequence[Any], carrier: Any) -> None:
        with every_other_frame(carrier), direct_inputs():
            heard, tuned = thinned(said[-1]), thinned(carrier)
            bands = pyo.Vocoder(
                heard, tuned, freq=_LOWEST_HZ, spread=_SPREAD, q=_Q, slope=_SLOPE, stages=_STAGES, mul=_GAIN / 2
            )
        ways_out = whole(bands)
        self.out: Any = ways_out[-1]
        self._parts = [*said, heard, tuned, bands, *ways_out]
        self._idle_s = 0.0

    @property
    def awake(self) -> bool:
        return self._idle_s <= _TAIL_S

    def rest(self, fed: bool) -> None:
        """Sleep when nobody has spoken for a while; wake when somebody does."""
        was_awake = self.awake
        self._idle_s = 0.0 if fed else self._idle_s + STEP_S
        if self.awake != was_awake:
            for part in self._parts:
                part.play() if self.awake else part.stop()
