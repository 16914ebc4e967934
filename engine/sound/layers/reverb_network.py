"""A reverb of pyo's delay lines, allpasses and filters.

A feedback delay network (Jot and Chaigne, "Digital delay networks for designing artificial reverberators", 1991) with
diffusing allpasses before it, mixed by a Householder matrix whose rows go round: each line feeds the next of its side.
So sound meets a filter at every second line, and half as many filters do; they are most of what it costs.

pyo's own `WGVerb` and `STRev` move their lines by chance, drawn from one generator for all, so no replay could meet
them at -110 dB again, and give all lines one feedback, so their decay is not that which was asked. `Freeverb` rings at
pitches. See docs/measurements/layers.md.

    sends > allpasses > + > dulling lines > filters > + > bright lines > out (both)
                        ^-----------------------------^------ matrix <-----'
"""

from __future__ import annotations

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
_BRIGHTEST_HZ: Final = SAMPLE_RATE_HZ / 2
"""`pyo.Tone` cannot be brighter; it then takes 0.4 dB at 12 kHz."""
_JUDGED_HZ: Final = np.geomspace(80.0, 4000.0, 24)
"""A reverb is made as loud as what goes in for sound that is spread evenly over these octaves."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Lengths in frames: of the lines, left and right in turn, and of the allpasses, a pair for each stage.

    Primes, so that no two lines ring at the same pitches. Lines are longer than a block of pyo's, for what comes
    back is heard a block later.
    """

    lines: tuple[int, ...]
    allpasses: tuple[tuple[int, int], ...]

    @property
    def dulling(self) -> Numbers:
        """[lines / 2] of the lines that end in a filter."""
        return np.array(self.lines, dtype=np.float64).reshape(-1, 4)[:, :2].ravel()

    @property
    def bright(self) -> Numbers:
        """[lines / 2] of those that do not; each follows the dulling one in the same place."""
        return np.array(self.lines, dtype=np.float64).reshape(-1, 4)[:, 2:].ravel()


class ReverbNetwork:
    """`sends` are the streams of left and right; what rings is the two streams of `out`."""

    def __init__(self, sends: Any, shape: Shape) -> None:
        self._shape = shape
        self._settings = (0.0, 0.0)
        half = len(shape.lines) // 2
        self._dulling_gains, self._bright_gains = Knob([0.0] * half), Knob([0.0] * half)
        self._cuts_hz, self._gain = Knob([_BRIGHTEST_HZ] * half), Knob(1.0)
        diffused = self._diffuse(sends)
        # Stands where the matrix will be, and again at the end; nobody hears it.
        self._silence = pyo.Sig([0.0] * half).stop()
        self._dulling, self._bright = _lines(self._silence, shape.dulling), _lines(self._silence, shape.bright)
        self._dulled = pyo.Tone(self._dulling, freq=[_BRIGHTEST_HZ] * half)
        self._build_matrix(diffused)
        self._dulling_gains.moves(self._dulling.setMul)
        self._bright_gains.moves(self._bright.setMul)
        self._cuts_hz.moves(self._dulled.setFreq)
        self._gain.moves(self.out.setMul)

    def _build_matrix(self, diffused: Any) -> None:
        dulled, bright = pyo.Mix(self._dulled, voices=2), pyo.Mix(self._bright, voices=2)
        reflected = pyo.Mix([dulled, bright], voices=1, mul=-2.0 / len(self._shape.lines))
        sides = pyo.Sig(diffused, add=reflected)
        to_bright = pyo.Sig(self._dulled, add=sides)
        to_dulling = pyo.Sig([*self._bright[-2:], *self._bright[:-2]], add=sides)
        self._bright.setInput(to_bright, 0.0)
        self._dulling.setInput(to_dulling, 0.0)
        heard = pyo.Sig(bright, mul=-1.0, add=dulled)
        self.out: Any = pyo.Sig(heard)
        self.parts: list[Any] = [*self._allpasses, self._dulling, self._bright, self._dulled, dulled, bright]
        self.parts += [reflected, sides, to_bright, to_dulling, heard, self.out]

    def set(self, decay_s: float, lowpass_hz: float) -> None:
        """Glide to a decay of 60 dB in `decay_s`, faster above `lowpass_hz`; call it at every step."""
        if self._settings != (decay_s, lowpass_hz):
            self._settings = (decay_s, lowpass_hz)
            self._gains = [line_gains(group, decay_s).tolist() for group in (self._shape.dulling, self._shape.bright)]
            back = dampings(self._shape, lowpass_hz)
            self._freqs_hz = np.minimum(-np.log(back) * SAMPLE_RATE_HZ / (2 * np.pi), _BRIGHTEST_HZ).tolist()
            self._makeup = makeup(self._shape, decay_s, lowpass_hz)
        self._dulling_gains.set(self._gains[0])
        self._bright_gains.set(self._gains[1])
        self._cuts_hz.set(self._freqs_hz)
        self._gain.set(self._makeup)

    def close(self) -> None:
        """Open the circle, or Python would take its parts away in any order, which ends the process.

        Twice, for pyo holds on to the input that it fades from.
        """
        for _ in range(2):
            self._dulling.setInput(self._silence, 0.0)
            self._bright.setInput(self._silence, 0.0)

    def _diffuse(self, sent: Any) -> Any:
        self._allpasses: list[Any] = []
        for lengths in self._shape.allpasses:
            waits_s = [safe_delay_s(length / SAMPLE_RATE_HZ) for length in lengths]
            sent = pyo.Allpass(sent, delay=waits_s, feedback=_DIFFUSION, maxdelay=max(waits_s) + 0.01)
            self._allpasses.append(sent)
        return sent


def _lines(fed: Any, lengths: Numbers) -> Any:
    waits_s = (lengths - BLOCK_FRAMES + _ROUNDING_FRAMES) / SAMPLE_RATE_HZ
    return pyo.SDelay(fed, delay=waits_s.tolist(), maxdelay=(lengths / SAMPLE_RATE_HZ).tolist(), mul=0.0)


def line_gains(lengths: Numbers, decay_s: float) -> Numbers:
    """Linear, of lines of `lengths` frames: the lowest notes fall by 60 dB in `decay_s`."""
    return np.asarray(10 ** (-3 * lengths / SAMPLE_RATE_HZ / decay_s))


def dampings(shape: Shape, lowpass_hz: float) -> Numbers:
    """[lines / 2] feedback of the one-pole filters: sound at `lowpass_hz` falls `_DULLING_DB_PER_S` faster."""
    between = (shape.dulling + shape.bright) / SAMPLE_RATE_HZ
    duller = 10 ** (-_DULLING_DB_PER_S * between / 10)
    half = (1 - duller * np.cos(2 * np.pi * lowpass_hz / SAMPLE_RATE_HZ)) / (1 - duller)
    return np.asarray(half - np.sqrt(half**2 - 1))


def makeup(shape: Shape, decay_s: float, lowpass_hz: float) -> float:
    """Gain that makes the tail of steady sound as loud as the sound.

    A line loses on average the same share at every turn, so the energy in it is a geometric series. From one filter
    to the next are two turns.
    """
    back = dampings(shape, lowpass_hz)[:, None]
    turn = np.exp(-2j * np.pi * _JUDGED_HZ / SAMPLE_RATE_HZ)
    decayed = line_gains(shape.dulling + shape.bright, decay_s)[:, None]
    per_turn = np.abs(decayed * (1 - back) / (1 - back * turn)).mean(axis=0)
    return float(1 / np.sqrt((len(shape.lines) / 2 * per_turn / (1 - per_turn)).mean()))
