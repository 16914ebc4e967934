"""The pyo graph: one vocoder for all stems, and an echo for each.

    said by all stems > vocoder < carrier
                           |
    stem's share --- + --- share of the vocoder's voice > delay > echo of the stem

Every stem has its own echo, so muting it in the room silences all of it. All knobs ramp over one step, so nothing
zippers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ, STEMS
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.quiet_pyo import pyo

STEP_S: Final = STEP_FRAMES / SAMPLE_RATE_HZ
MOST_DELAY_S: Final = 2.0
_FIRST_DELAY_S: Final = 0.6
_BESIDE_FRAMES: Final = 1 / 64
"""Enough to be told from nothing at the end of a buffer of two seconds, in single precision; it costs an echo 0.1 dB
at 10 kHz."""

_VOCODER_STAGES: Final = 20
_VOCODER_LOWEST_HZ: Final = 90.0
_VOCODER_SPREAD: Final = 1.3
_VOCODER_Q: Final = 12.0
_VOCODER_SLOPE: Final = 0.6
_VOCODER_GAIN: Final = 10.0
_VOCODER_TAIL_S: Final = 1.0

_SAID: Final = len(STEMS)
_CARRIER: Final = _SAID + 1
_INPUTS: Final = _CARRIER + 1


class Knob:
    """A value that reaches each new target in exactly one step, on a ramp; at rest it is a plain number.

    Ramps of numbers that do not move would cost a fifth of the graph.
    """

    def __init__(self, value: float, *setters: Callable[[Any], None]) -> None:
        self._value = value
        self._ramp = pyo.SigTo(value, time=STEP_S, init=value)
        self._ramp.stop()
        self._setters = setters
        self._moving = False
        self._hand_on(value)

    def set(self, value: float) -> None:
        """Go to `value` within the coming step; call it at every step."""
        if value != self._value:
            self._value = float(value)  # pyo refuses numpy's numbers
            self._ramp.play()
            self._ramp.value = self._value
            self._hand_on(self._ramp)
            self._moving = True
        elif self._moving:
            self._hand_on(self._value)
            self._ramp.stop()
            self._moving = False

    def _hand_on(self, what: Any) -> None:
        for setter in self._setters:
            setter(what)


def safe_delay_s(wanted_s: float) -> float:
    """The nearest delay to `wanted_s` that pyo reads within its buffer: a little beside a whole number of frames.

    pyo.Delay finds its place in single precision. One a hair before the buffer's first frame becomes the frame after
    its last, and what it then blends in, by a share of nothing, lies beyond its memory: where that is no number, all
    stems become silent for a step and lose their tails. 0.3 s and 0.6 s do so every two seconds. While a delay glides
    it may still happen, once in some hundred rounds of the buffer, and `guard` sees to it.
    """
    return (round(wanted_s * SAMPLE_RATE_HZ) + _BESIDE_FRAMES) / SAMPLE_RATE_HZ


class Graph:
    """pyo's part of the layers; one per process at a time."""

    def __init__(self, seed: int) -> None:
        self._server = ManualServer(_INPUTS, len(STEMS) + 1, seed)
        *shares, said, carrier = self._server.sources
        self._vocoder = pyo.Vocoder(
            said,
            carrier,
            freq=_VOCODER_LOWEST_HZ,
            spread=_VOCODER_SPREAD,
            q=_VOCODER_Q,
            slope=_VOCODER_SLOPE,
            stages=_VOCODER_STAGES,
            mul=_VOCODER_GAIN,
        ).out(len(STEMS))
        self._idle_s = 0.0
        spoken = [pyo.Sig(self._vocoder, mul=0.0, add=share) for share in shares]
        echoes = [pyo.Delay(part, maxdelay=MOST_DELAY_S) for part in spoken]
        for number, echo in enumerate(echoes):
            echo.out(number)
        self._spoken = [Knob(0.0, part.setMul) for part in spoken]
        self._delay_s = Knob(safe_delay_s(_FIRST_DELAY_S), *(echo.setDelay for echo in echoes))
        self._feedback = Knob(0.0, *(echo.setFeedback for echo in echoes))

    def process(
        self,
        sends: NDArray[np.float32],
        carrier: NDArray[np.float32] | None,
        spoken: NDArray[np.float64],
        delay_s: float,
        feedback: float,
    ) -> NDArray[np.float32]:
        """One step: `sends` [stems + 1, STEP_FRAMES] are the stems' shares for their echoes, and what they say.

        `carrier` [STEP_FRAMES] is None while nobody speaks; `spoken` [stems] is how much of the vocoder's voice
        goes to each echo. Returns [STEP_FRAMES, stems + 1]: the echoes, then the vocoder's voice.
        """
        self._wake(carrier is not None)
        for knob, share in zip(self._spoken, spoken, strict=True):
            knob.set(share)
        self._delay_s.set(safe_delay_s(delay_s))
        self._feedback.set(feedback)
        rest = np.zeros((1, STEP_FRAMES), dtype=np.float32) if carrier is None else carrier[None, :]
        return self._server.process(np.concatenate([sends, rest]))

    def _wake(self, needed: bool) -> None:
        """The vocoder sleeps once its tail has rung out: it is the most costly part of the graph."""
        asleep = self._idle_s > _VOCODER_TAIL_S
        self._idle_s = 0.0 if needed else self._idle_s + STEP_S
        if needed and asleep:
            self._vocoder.play()
            self._vocoder.out(len(STEMS))
        elif not asleep and self._idle_s > _VOCODER_TAIL_S:
            self._vocoder.stop()

    def close(self) -> None:
        """Stop; the graph must not be used afterwards."""
        self._server.close()
