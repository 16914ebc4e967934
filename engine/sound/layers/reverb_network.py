"""A reverb of pyo's delay lines, allpasses and filters.

A feedback delay network (Jot and Chaigne, "Digital delay networks for designing artificial reverberators", 1991) with
diffusing allpasses before it, mixed by a Householder matrix. pyo's own `WGVerb` and `STRev` move their lines by chance,
drawn from one generator for all, so no replay could meet them at -110 dB again, and give all lines one feedback, so
their decay is not that which was asked. `Freeverb` rings at pitches. See docs/measurements/layers.md.

    sends > allpasses > + > delay lines > damping > out
                        ^------- matrix <------'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import BLOCK_FRAMES, SAMPLE_RATE_HZ
from engine.sound.layers.delays import safe_delay_s
from engine.sound.layers.knob import Knob
from engine.sound.layers.quiet_pyo import pyo

Numbers = NDArray[np.float64]

_DIFFUSION: Final = 0.6
_ROUNDING_FRAMES: Final = 0.25
"""pyo.SDelay drops fractions, also of a number that single precision has made a hair too small."""
_DULLING_DB_PER_S: Final = 24.0
"""How much faster than the lowest notes sound at the low-pass frequency dies away: as air and curtains take it."""
_JUDGED_HZ: Final = np.geomspace(80.0, 4000.0, 24)
"""A reverb is made as loud as what goes in for sound that is spread evenly over these octaves."""
_SIGNS: Final = (1, 1, -1, 1, 1, -1, 1, 1, -1, 1, 1, -1, -1, -1, -1, -1)
"""With which the lines are heard, left and right in turn."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Lengths in frames: of the lines, left and right in turn, and of the allpasses, a pair for each stage.

    Primes, so that no two lines ring at the same pitches. Lines are longer than a block of pyo's, for what comes
    back is heard a block later.
    """

    lines: tuple[int, ...]
    allpasses: tuple[tuple[int, int], ...]


class ReverbNetwork:
    """`sends` are the streams of left and right; what rings is the two streams of `out`."""

    def __init__(self, sends: Any, shape: Shape) -> None:
        self._shape = shape
        self._settings = (0.0, 0.0)
        self._forward, self._back, self._gain = (
            Knob([0.0] * len(shape.lines)),
            Knob([0.0] * len(shape.lines)),
            Knob(1.0),
        )
        diffused = self._diffuse(sends)
        count = len(shape.lines)
        waits_s = [(length - BLOCK_FRAMES + _ROUNDING_FRAMES) / SAMPLE_RATE_HZ for length in shape.lines]
        silence = pyo.Sig([0.0] * count)
        lines = pyo.SDelay(silence, delay=waits_s, maxdelay=max(waits_s) + 0.01)
        damped = pyo.Biquada(lines, b0=[0.0] * count, b1=0.0, b2=0.0, a0=1.0, a1=[0.0] * count, a2=0.0)
        reflected = pyo.Mix(damped, voices=1, mul=-2.0 / count)
        sides = pyo.Sig(diffused, add=reflected)
        fed = pyo.Sig(damped, add=[sides[line % 2] for line in range(count)])
        lines.setInput(fed, 0.0)
        self._silence, self._lines = silence, lines
        signed = pyo.Sig(damped, mul=list(_SIGNS[:count]))
        self.out: Any = pyo.Mix(signed, voices=2)
        self.parts: list[Any] = [*self._allpasses, silence, lines, damped, reflected, sides, fed, signed, self.out]
        self._forward.moves(damped.setB0)
        self._back.moves(damped.setA1)
        self._gain.moves(self.out.setMul)

    def set(self, decay_s: float, lowpass_hz: float) -> None:
        """Glide to a decay of 60 dB in `decay_s`, faster above `lowpass_hz`; call it at every step."""
        if self._settings != (decay_s, lowpass_hz):
            self._settings = (decay_s, lowpass_hz)
            forward, back = line_gains(self._shape.lines, decay_s, lowpass_hz)
            self._forwards, self._backs = forward.tolist(), (-back).tolist()
            self._makeup = makeup(self._shape.lines, decay_s, lowpass_hz)
        self._forward.set(self._forwards)
        self._back.set(self._backs)
        self._gain.set(self._makeup)

    def close(self) -> None:
        """Open the circle, or Python would take its parts away in any order, which ends the process.

        Twice, for pyo holds on to the input that it fades from.
        """
        for _ in range(2):
            self._lines.setInput(self._silence, 0.0)

    def _diffuse(self, sent: Any) -> Any:
        self._allpasses: list[Any] = []
        for lengths in self._shape.allpasses:
            waits_s = [safe_delay_s(length / SAMPLE_RATE_HZ) for length in lengths]
            sent = pyo.Allpass(sent, delay=waits_s, feedback=_DIFFUSION, maxdelay=max(waits_s) + 0.01)
            self._allpasses.append(sent)
        return sent


def line_gains(lengths: Sequence[int], decay_s: float, lowpass_hz: float) -> Numbers:
    """[2, lines] forward and feedback coefficients of the one-pole filters at the ends of lines of `lengths` frames.

    The lowest notes fall by 60 dB in `decay_s`; at `lowpass_hz` it is `_DULLING_DB_PER_S` faster.
    """
    length_s = np.array(lengths) / SAMPLE_RATE_HZ
    gain = 10 ** (-3 * length_s / decay_s)
    duller = 10 ** (-_DULLING_DB_PER_S * length_s / 10)
    half = (1 - duller * np.cos(2 * np.pi * lowpass_hz / SAMPLE_RATE_HZ)) / (1 - duller)
    back = half - np.sqrt(half**2 - 1)
    return np.stack([gain * (1 - back), back])


def makeup(lengths: Sequence[int], decay_s: float, lowpass_hz: float) -> float:
    """Gain that makes the tail of steady sound as loud as the sound.

    A line loses on average the same share at every turn, so the energy in it is a geometric series.
    """
    forward, back = line_gains(lengths, decay_s, lowpass_hz)
    turn = np.exp(-2j * np.pi * _JUDGED_HZ / SAMPLE_RATE_HZ)
    kept = np.abs(forward / (1 - back * turn[:, None])) ** 2
    per_turn = kept.mean(axis=1)
    return float(1 / np.sqrt((len(lengths) / 2 * per_turn / (1 - per_turn)).mean()))
