"""The pyo graph: per stem filters, vocoder share, delay and reverb; one vocoder for all.

Signal flow of one stem (level, pan and compressor have been applied before, see `dynamics.py`):

    left, right > highpass > lowpass > keep + vocoder > direct level ------------------------> out
                                              |-------> delay (mono) ------------------------> out
                                              '-- + delay > reverb (mono in, wide out) ------> out

Every stem has its own delay and reverb, so muting it in the room silences all of it. All knobs ramp over one
step, so nothing zippers. What has been silent for long sleeps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engine.layers.manual_server import STEP_FRAMES
from engine.layers.quiet_pyo import pyo
from engine.reel_format import SAMPLE_RATE_HZ

STEP_S: Final = STEP_FRAMES / SAMPLE_RATE_HZ
MOST_DELAY_S: Final = 2.0
DENORMAL_FLOOR: Final = 1e-8
"""Noise at this level (-160 dB) keeps filters and feedback out of denormal numbers, which cost 40 times more."""

_VOCODER_STAGES: Final = 20
_VOCODER_LOWEST_HZ: Final = 90.0
_VOCODER_SPREAD: Final = 1.3
_VOCODER_Q: Final = 12.0
_VOCODER_SLOPE: Final = 0.6
_VOCODER_GAIN: Final = 10.0

_WIDTH_DELAYS_S: Final = (0.0113, 0.0127, 0.0149, 0.0163, 0.0179, 0.0191, 0.0211, 0.0223, 0.0137, 0.0157)
"""The reverb is widened by adding a short echo left and taking it away right (Lauridsen, 1954): mono stays clean."""
_WIDTH: Final = 0.75

_REVERB_TAIL: Final = 1.5
"""A reverb that gets nothing may sleep after this many times its length."""
_DELAY_TAIL_S: Final = 90.0
_LAYER_TAIL_S: Final = 1.0


class Knob:
    """A value that reaches each new target in exactly one step, on a ramp; at rest it is a plain number.

    Ramps of numbers that do not move would cost a fifth of the graph.
    """

    def __init__(self, value: float) -> None:
        self.value = value
        self._ramp = pyo.SigTo(value, time=STEP_S, init=value)
        self._ramp.stop()
        self._setters: list[Callable[[Any], None]] = []
        self._moving = False

    def drive(self, *setters: Callable[[Any], None]) -> None:
        """Hand every value, number or ramp, to these methods of pyo objects."""
        for setter in setters:
            setter(self.value)
        self._setters.extend(setters)

    def set(self, value: float) -> None:
        """Go to `value` within the coming step; call it at every step."""
        if value != self.value:
            self.value = float(value)  # pyo refuses numpy's numbers
            self._ramp.play()
            self._ramp.value = self.value
            self._hand_on(self._ramp)
            self._moving = True
        elif self._moving:
            self._hand_on(self.value)
            self._ramp.stop()
            self._moving = False

    def _hand_on(self, what: Any) -> None:
        for setter in self._setters:
            setter(what)


@dataclass
class StemControls:
    """Targets of one stem for the next step; gains are linear."""

    highpass_hz: float = 20.0
    lowpass_hz: float = 20_000.0
    keep: float = 1.0
    vocoder_in: float = 0.0
    vocoder_out: float = 0.0
    delay: float = 0.0
    direct: float = 1.0
    reverb: float = 0.0
    audible: bool = True
    """False while nothing comes in: the stem sleeps once its tails have rung out."""


@dataclass
class SharedControls:
    """Targets of what all stems share, for the next step."""

    delay_s: float = 0.6
    delay_feedback: float = 0.35
    reverb_size: float = 0.9
    reverb_damping: float = 0.4
    reverb_s: float = 5.0


class Sleeper:
    """Stops a part of the graph that has had nothing to do for its tail's length, and wakes it when needed."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self._parts = parts
        self._idle_s = 0.0
        self.asleep = False

    def step(self, needed: bool, tail_s: float) -> None:
        self._idle_s = 0.0 if needed else self._idle_s + STEP_S
        if needed and self.asleep:
            for part in self._parts:
                part.play()
            self.asleep = False
        elif not self.asleep and self._idle_s > tail_s:
            for part in self._parts:
                part.stop()
            self.asleep = True


class SharedParts:
    """Floor noise and the knobs that every stem listens to."""

    def __init__(self, controls: SharedControls, floor: Any) -> None:
        self.floor = floor
        self.delay_s = Knob(controls.delay_s)
        self.delay_feedback = Knob(controls.delay_feedback)
        self.reverb_size = Knob(controls.reverb_size)
        self.reverb_damping = Knob(controls.reverb_damping)

    def set(self, controls: SharedControls) -> None:
        self.delay_s.set(controls.delay_s)
        self.delay_feedback.set(controls.delay_feedback)
        self.reverb_size.set(controls.reverb_size)
        self.reverb_damping.set(controls.reverb_damping)


class StemHead:
    """Filters of one stem, and its contribution to the vocoder."""

    def __init__(self, sources: Sequence[Any]) -> None:
        self.highpass_hz, self.lowpass_hz = Knob(20.0), Knob(20_000.0)
        self.keep, self.vocoder_in = Knob(1.0), Knob(0.0)
        highpass = [pyo.ButHP(source) for source in sources]
        self.kept = [pyo.ButLP(part) for part in highpass]
        self.to_vocoder = pyo.Mix(highpass, voices=1)
        self.highpass_hz.drive(*(part.setFreq for part in highpass))
        self.lowpass_hz.drive(*(part.setFreq for part in self.kept))
        self.keep.drive(*(part.setMul for part in self.kept))
        self.vocoder_in.drive(self.to_vocoder.setMul)
        self.parts = [*highpass, *self.kept, self.to_vocoder]

    def set(self, controls: StemControls) -> None:
        self.highpass_hz.set(controls.highpass_hz)
        self.lowpass_hz.set(controls.lowpass_hz)
        self.keep.set(controls.keep)
        self.vocoder_in.set(0.5 * controls.vocoder_in)


class SharedVocoder:
    """All stems' vocoder shares, spoken by one carrier; each gets its part of the result back."""

    def __init__(self, heads: Sequence[StemHead], carrier: Any, floor: Any) -> None:
        self._modulator = pyo.Mix([head.to_vocoder for head in heads], voices=1, add=floor)
        self.signal = pyo.Vocoder(
            self._modulator,
            carrier,
            freq=_VOCODER_LOWEST_HZ,
            spread=_VOCODER_SPREAD,
            q=_VOCODER_Q,
            slope=_VOCODER_SLOPE,
            stages=_VOCODER_STAGES,
            mul=_VOCODER_GAIN,
        )
        self._sleeper = Sleeper([self._modulator, self.signal])

    def step(self, needed: bool) -> None:
        self._sleeper.step(needed, 1.0)


class StemTail:
    """Vocoder share, delay and reverb of one stem; writes output channels 2 x number and the next."""

    def __init__(self, number: int, head: StemHead, vocoder: SharedVocoder, shared: SharedParts) -> None:
        self._head = head
        self.vocoder_out, self.delay = Knob(0.0), Knob(0.0)
        self.direct, self.reverb = Knob(1.0), Knob(0.0)
        spoken = pyo.Sig(vocoder.signal)
        for kept in head.kept:
            kept.setAdd(spoken)  # computed after the filters, so the vocoder is heard one block late
        body = head.kept
        to_delay = pyo.Mix(body, voices=1, add=shared.floor)
        echo = pyo.Delay(to_delay, maxdelay=MOST_DELAY_S)
        to_reverb = pyo.Mix([*body, echo], voices=1, add=shared.floor)
        room = pyo.Freeverb(to_reverb, bal=1)
        side = pyo.SDelay(room, _WIDTH_DELAYS_S[number % len(_WIDTH_DELAYS_S)], 0.05, mul=_WIDTH)
        middle = pyo.Mix([echo, room], voices=1)
        wet = [pyo.Sig(side, mul=sign, add=middle) for sign in (1, -1)]
        self._outputs = [pyo.Sig(part, add=added) for part, added in zip(body, wet, strict=True)]
        for place, output in enumerate(self._outputs):
            output.out(2 * number + place)
        self.vocoder_out.drive(spoken.setMul)
        self.delay.drive(to_delay.setMul)
        self.direct.drive(*(part.setMul for part in self._outputs))
        self.reverb.drive(to_reverb.setMul)
        shared.delay_s.drive(echo.setDelay)
        shared.delay_feedback.drive(echo.setFeedback)
        shared.reverb_size.drive(room.setSize)
        shared.reverb_damping.drive(room.setDamp)
        self._delay_sleeper = Sleeper([to_delay, echo])
        self._reverb_sleeper = Sleeper([to_reverb, room, side])
        self._sleeper = Sleeper([*head.parts, spoken])

    def set(self, controls: StemControls, shared: SharedControls) -> None:
        self._head.set(controls)
        self.vocoder_out.set(controls.vocoder_out)
        self.delay.set(0.5 * controls.delay)
        self.direct.set(controls.direct)
        self.reverb.set(controls.reverb)
        self._sleeper.step(controls.audible, _LAYER_TAIL_S)
        self._delay_sleeper.step(controls.audible and controls.delay > 0, _DELAY_TAIL_S)
        self._reverb_sleeper.step(controls.audible and controls.reverb > 0, _REVERB_TAIL * shared.reverb_s + 1)


_SIZES: Final = np.array([0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0])
_DECAYS_S: Final = np.array([0.6, 0.8, 1.2, 1.8, 2.6, 4.4, 6.6, 15.4])
_DAMPINGS: Final = np.array([0.0, 0.3, 0.6])
_NOISE_GAINS_DB: Final = np.array(
    [
        [-9.9, -8.6, -7.3, -5.4, -3.9, -2.0, -0.7, 0.8],
        [-10.7, -9.9, -9.2, -8.1, -7.3, -6.3, -5.6, -4.7],
        [-11.2, -10.7, -10.1, -9.3, -8.8, -7.9, -7.4, -6.7],
    ]
)
"""pyo's Freeverb, measured: decay to -60 dB by size, and level of reverberated white noise by damping and size."""


def reverb_size(decay_s: float) -> float:
    """Freeverb's size 0..1 for a decay to -60 dB; about 16 s is the longest it can do."""
    return float(np.interp(np.log(decay_s), np.log(_DECAYS_S), _SIZES))


def reverb_damping(lowpass_hz: float) -> float:
    """Freeverb's damping 0..1: the coefficient of the one-pole lowpass in its combs."""
    return float(min(0.97, np.exp(-2 * np.pi * lowpass_hz / SAMPLE_RATE_HZ)))


def reverb_makeup(size: float, damping: float) -> float:
    """Gain that makes the reverb as loud as what goes in."""
    by_damping = [np.interp(size, _SIZES, gains) for gains in _NOISE_GAINS_DB]
    widened_db = 10 * np.log10(1 + _WIDTH**2)
    return float(10 ** (-(np.interp(damping, _DAMPINGS, by_damping) + widened_db) / 20))
