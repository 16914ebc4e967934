"""Reverberation: each stem rings in a room of its own, all of them of one shape.

A stem that is muted in the room takes its tail with it, so tails cannot be shared. A feedback delay network (Jot and
Chaigne, "Digital delay networks for designing artificial reverberators", 1991) of sixteen lines with four diffusing
allpasses before it; both sides enter and leave apart, so that what is panned stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.layers.reverb_loops import LANES, LINES, mix, reverberate

Floats = NDArray[np.float32]
Numbers = NDArray[np.float64]

LENGTHS: Final = np.array(
    [1013, 1109, 1213, 1327, 1453, 1597, 1741, 1907, 2089, 2287, 2503, 2741, 2999, 3271, 3583, 3917]
)
"""Frames, 21 to 82 ms: primes, so that no two lines ring at the same pitches."""
_LOOP_LENGTHS: Final = np.concatenate([[229, 241, 173, 179, 613, 587, 449, 463], LENGTHS])
"""First those of the allpasses: left and right of each stage, 4 to 13 ms."""

_DULLING_DB_PER_S: Final = 24.0
"""How much faster than the lowest notes sound at the low-pass frequency dies away: as air and curtains take it."""

_JUDGED_HZ: Final = np.geomspace(80.0, 4000.0, 24)
"""A reverb is made as loud as what goes in for sound that is spread evenly over these octaves."""


@dataclass(frozen=True, slots=True)
class ReverbTargets:
    """Where it is to be at the end of the coming step; `spoken`, `direct` and `send` are gains [stems]."""

    decay_s: float
    lowpass_hz: float
    spoken: Numbers
    direct: Numbers
    send: Numbers


class Reverb:
    """Carries what rings from step to step."""

    def __init__(self) -> None:
        self._loops = np.zeros((_LOOP_LENGTHS.sum(), LANES), dtype=np.float32)
        self._places = np.cumsum(_LOOP_LENGTHS) - _LOOP_LENGTHS
        self._states = np.zeros((LINES, LANES), dtype=np.float32)
        self._sound = np.zeros((STEP_FRAMES, 2, LANES), dtype=np.float32)
        self._shares: Floats | None = None
        self._gains: Floats | None = None
        self._shape = (0.0, 0.0)
        self._makeup = 1.0

    def process(self, body: Floats, heard: Floats, targets: ReverbTargets, floor: Floats) -> Floats:
        """One step, [STEP_FRAMES, CHANNELS]: `body` and `heard` mixed (see `reverb_loops.mix`), with their tails."""
        gains_before, gains = self._move_room(targets)
        shares = np.stack([targets.spoken, targets.direct, self._makeup * targets.send]).astype(np.float32)
        shares_before = shares if self._shares is None else self._shares
        self._shares = shares
        out = np.empty((STEP_FRAMES, CHANNELS), dtype=np.float32)
        shares_rates = (shares - shares_before) / np.float32(STEP_FRAMES)
        mix(body, heard, shares_before, shares_rates, floor, out, self._sound)
        rates = (gains - gains_before) / np.float32(STEP_FRAMES)
        reverberate(self._sound, self._loops, _LOOP_LENGTHS, self._places, gains_before, rates, self._states, out)
        return out

    def _move_room(self, targets: ReverbTargets) -> tuple[Floats, Floats]:
        """Gains of the lines before and after the step."""
        shape = (targets.decay_s, targets.lowpass_hz)
        after = self._gains
        if after is None or shape != self._shape:
            after = line_gains(*shape).astype(np.float32)
            self._shape, self._makeup = shape, makeup(*shape)
        before = after if self._gains is None else self._gains
        self._gains = after
        return before, after


def line_gains(decay_s: float, lowpass_hz: float) -> Numbers:
    """[2, LINES] forward and feedback coefficients of the one-pole filters at the lines' ends.

    The lowest notes fall by 60 dB in `decay_s`; at `lowpass_hz` it is `_DULLING_DB_PER_S` faster.
    """
    length_s = LENGTHS / SAMPLE_RATE_HZ
    gain = 10 ** (-3 * length_s / decay_s)
    duller = 10 ** (-_DULLING_DB_PER_S * length_s / 10)
    half = (1 - duller * np.cos(2 * np.pi * lowpass_hz / SAMPLE_RATE_HZ)) / (1 - duller)
    back = half - np.sqrt(half**2 - 1)
    return np.stack([gain * (1 - back), back])


def makeup(decay_s: float, lowpass_hz: float) -> float:
    """Gain of what goes in that makes the tail of steady sound as loud as the sound.

    A line loses on average the same share at every turn, so the energy in it is a geometric series.
    """
    forward, back = line_gains(decay_s, lowpass_hz)
    turn = np.exp(-2j * np.pi * _JUDGED_HZ / SAMPLE_RATE_HZ)
    kept = np.abs(forward / (1 - back * turn[:, None])) ** 2
    per_turn = kept.mean(axis=1)
    return float(1 / np.sqrt((LINES / 2 * per_turn / (1 - per_turn)).mean()))
