"""A filter of second order as a weighted sum: what goes in, and what a pair of poles made of it now and a frame ago.

`pyo.ComplexRes` is such a pair. It takes half of what `pyo.ButHP` does, and it turns a state of two numbers, where
rounding does not add up: `pyo.ButHP` at 20 Hz keeps an error 65 dB under the sound for ever.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.direct_inputs import direct_inputs
from engine.sound.layers.knob import Knob
from engine.sound.layers.quiet_pyo import pyo

_RESONATOR_GAIN: Final = 0.01
"""With which `pyo.ComplexRes` gives out what it holds."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Of what goes in (`direct`), of what the poles give `now` and gave a frame `before`; where the poles lie, and how
    long they ring."""

    direct: float
    now: float = 0.0
    before: float = 0.0
    frequency_hz: float = 100.0
    decay_s: float = 0.01


OPEN: Final = Weights(direct=1.0)


@lru_cache(maxsize=256)
def low_cut(cut_hz: float) -> Weights:
    """Butterworth's of second order, by the bilinear transform, from 20 to 2,200 Hz; above, the poles would have to be
    shorter than pyo makes them."""
    cut = math.tan(math.pi * cut_hz / SAMPLE_RATE_HZ)
    direct = 1 / (1 + math.sqrt(2) * cut + cut**2)
    size = math.sqrt(direct * (1 - math.sqrt(2) * cut + cut**2))
    frequency_hz = math.acos(direct * (1 - cut**2) / size) * SAMPLE_RATE_HZ / (2 * math.pi)
    decay_s = -1 / (SAMPLE_RATE_HZ * math.log(size))
    across, along = _single_precision(frequency_hz, decay_s)
    scale = direct / (_RESONATOR_GAIN * across)
    # Both zeros lie at 0 Hz: direct * (1 - 2/z + 1/z^2), less what `direct` alone passes.
    now, before = scale * (2 * along - 2), scale * (1 - along**2 - across**2)
    return Weights(direct, now, before, frequency_hz, decay_s)


def _single_precision(frequency_hz: float, decay_s: float) -> tuple[float, float]:
    """The pole's two coordinates as pyo will round them: at 0 Hz large numbers must cancel."""
    size = np.exp(np.float32(-1 / float(np.float32(decay_s) * np.float32(SAMPLE_RATE_HZ))))
    angle = np.float32(float(np.float32(frequency_hz) * np.float32(1 / SAMPLE_RATE_HZ)) * 2 * math.pi)
    return float(size * np.sin(angle)), float(size * np.cos(angle))


class Poles:
    """`faded` is what one pair, or one for each stream, adds to the sound. Asleep until it is asked for.

    Its weights never move while it is heard: they are large and nearly cancel, so a ramp's rounding would be heard.
    """

    def __init__(self, dry: Any) -> None:
        self._fade = Knob(0.0)
        with direct_inputs():
            self._pair = pyo.ComplexRes(dry)
            self._late = pyo.Delay1(self._pair)
        self._whole = pyo.Sig(self._pair, add=self._late)
        self.faded: Any = pyo.Sig(self._whole, mul=0.0)
        self._fade.moves(self.faded.setMul)
        self._parts = (self._pair, self._late, self._whole, self.faded)
        self._awake = True
        self.rest()

    def heard(self) -> Any:
        """The stream that is heard of it in the coming step, if any: `faded`, which stops where there is no fade."""
        if not self._awake or self._fade.at_rest_at_zero:
            return None
        arrived = self._fade.rests_at(1.0)
        self.faded.stop() if arrived else self.faded.play()
        return self._whole if arrived else self.faded

    def ready(self, weights: Weights) -> bool:
        """Take what it is to be like, while it is silent; whether it has had a step for that, where it needs one."""
        had_a_step = self._awake or weights is OPEN
        self._wake(weights is not OPEN)
        self._pair.setFreq(weights.frequency_hz)
        self._pair.setDecay(weights.decay_s)
        self._late.setMul(weights.before)
        self._whole.setMul(weights.now)
        return had_a_step

    def fade_in(self) -> None:
        """Be heard at the end of the step; call it at every step."""
        self._fade.set(1.0)

    def fade_out(self, *, keep: bool) -> None:
        """Be silent at the end of the step, and sleep after it, unless it is kept for what comes."""
        self._fade.set(0.0)
        if self._fade.at_rest_at_zero and not keep:
            self._wake(False)

    def go_on(self) -> None:
        """Wake as it was."""
        self._wake(True)

    def rest(self) -> None:
        """Sleep at once."""
        self._wake(False)

    def _wake(self, needed: bool) -> None:
        if needed != self._awake:
            self._awake = needed
            for part in self._parts:
                part.play() if needed else part.stop()
