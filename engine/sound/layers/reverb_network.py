"""A reverb of pyo's delay lines, allpasses and filters.

A feedback delay network (Jot and Chaigne, "Digital delay networks for designing artificial reverberators", 1991) with
diffusing allpasses before it, mixed by a Householder matrix whose rows go round: each line feeds the next of its side.
So not every line needs a filter, and filters are most of what it costs. What goes round without passing one adds up
in the matrix: a filter of its own on the sum takes the treble of that, or single pitches would whistle on.

pyo's own `WGVerb` and `STRev` move their lines by chance, drawn from one generator for all, so no replay could meet
them at -110 dB again, and give all lines one feedback, so their decay is not that which was asked. `Freeverb` rings at
pitches. See docs/measurements/layers.md.

    sends > allpasses > + > delay lines, some of them damped > out
                        ^-------- low-pass < matrix <--------'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import BLOCK_FRAMES, SAMPLE_RATE_HZ
from engine.sound.layers.delays import safe_delay_s
from engine.sound.layers.direct_inputs import direct_inputs
from engine.sound.layers.knob import Knob
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.sums import added

Numbers = NDArray[np.float64]

_DIFFUSION: Final = 0.6
_ROUNDING_FRAMES: Final = 0.25
"""pyo.SDelay drops fractions, also of a number that single precision has made a hair too small."""
_DULLING_DB_PER_S: Final = 24.0
"""How much faster than the lowest notes sound at the low-pass frequency dies away: as air and curtains take it."""
_SUM_HZ: Final = 9200.0
"""Low-pass of what the matrix adds up. Lower, what is bright grows dense later."""
_OPEN_HZ: Final = SAMPLE_RATE_HZ / 2
"""Where filters begin, before anything is asked of them."""
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
    damped_every: int
    """One line in so many, of each side, ends in a filter; 2 or 4. Where the others are long, they are heard apart."""

    @property
    def groups(self) -> Numbers:
        """[damped_every, damped lines], in frames. What comes out of a group feeds the same places of the next; the
        first is damped."""
        lengths = np.array(self.lines, dtype=np.float64).reshape(-1, self.damped_every, 2)
        return lengths.swapaxes(0, 1).reshape(self.damped_every, -1)


class ReverbNetwork:
    """`sends` are the streams of left and right; what rings is the two streams of `out`."""

    def __init__(self, sends: Any, shape: Shape) -> None:
        self._shape = shape
        self._settings = (0.0, 0.0)
        lengths = shape.groups
        count = lengths.shape[1]
        self._line_gains = [Knob([0.0] * count) for _ in lengths]
        self._cuts_hz, self._gain = Knob([_OPEN_HZ] * count), Knob(1.0)
        diffused = self._diffuse(sends)
        # Made before the lines, though they hear the matrix, which comes after: so what goes round is a block late.
        self._fed = [pyo.Sig([0.0] * count) for _ in lengths]
        with direct_inputs():
            self._groups = [_lines(fed, group) for fed, group in zip(self._fed, lengths, strict=True)]
            self._damped = pyo.Tone(self._groups[0], freq=[_OPEN_HZ] * count)
        self._build_matrix(diffused, [self._damped, *self._groups[1:]])
        for knob, group in zip(self._line_gains, self._groups, strict=True):
            knob.moves(group.setMul)
        self._cuts_hz.moves(self._damped.setFreq)
        self._gain.moves(self.out.setMul)

    def _build_matrix(self, diffused: Any, ends: list[Any]) -> None:
        plus, minus = added(_pairs(ends[::2])), added(_pairs(ends[1::2]))
        both = pyo.Sig(plus[-1], add=minus[-1])
        whole = pyo.Sig(both[0], add=both[1])
        with direct_inputs():
            mellow = pyo.Tone(whole, freq=_SUM_HZ)
        reflected = pyo.Sig(mellow, mul=-2.0 / len(self._shape.lines))
        sides = pyo.Sig(diffused, add=reflected)
        last = ends[-1]
        for fed, end in zip(self._fed, [[*last[-2:], *last[:-2]], *ends[:-1]], strict=True):
            fed.setValue(end)
            fed.setAdd(sides)
        heard = pyo.Sig(minus[-1], mul=-1.0, add=plus[-1])
        self.out: Any = pyo.Sig(heard)
        self.parts: list[Any] = [*self._allpasses, *self._groups, self._damped, *plus, *minus, both, whole, mellow]
        self.parts += [reflected, sides, *self._fed, heard, self.out]

    def set(self, decay_s: float, lowpass_hz: float) -> None:
        """Glide to a decay of 60 dB in `decay_s`, faster above `lowpass_hz`; call it at every step."""
        if self._settings != (decay_s, lowpass_hz):
            self._settings = (decay_s, lowpass_hz)
            self._gains = [line_gains(group, decay_s).tolist() for group in self._shape.groups]
            back = dampings(self._shape, lowpass_hz)
            self._freqs_hz = (-np.log(back) * SAMPLE_RATE_HZ / (2 * np.pi)).tolist()
            self._makeup = makeup(self._shape, decay_s, lowpass_hz)
        for knob, gains in zip(self._line_gains, self._gains, strict=True):
            knob.set(gains)
        self._cuts_hz.set(self._freqs_hz)
        self._gain.set(self._makeup)

    def close(self) -> None:
        """Open the circle, or Python would take its parts away in any order, which ends the process."""
        for fed in self._fed:
            fed.setValue(0.0)
            fed.setAdd(0.0)

    def _diffuse(self, sent: Any) -> Any:
        self._allpasses: list[Any] = []
        for lengths in self._shape.allpasses:
            waits_s = [safe_delay_s(length / SAMPLE_RATE_HZ) for length in lengths]
            with direct_inputs():
                sent = pyo.Allpass(sent, delay=waits_s, feedback=_DIFFUSION, maxdelay=max(waits_s) + 0.01)
            self._allpasses.append(sent)
        return sent


def _lines(fed: Any, lengths: Numbers) -> Any:
    waits_s = (lengths - BLOCK_FRAMES + _ROUNDING_FRAMES) / SAMPLE_RATE_HZ
    return pyo.SDelay(fed, delay=waits_s.tolist(), maxdelay=(lengths / SAMPLE_RATE_HZ).tolist(), mul=0.0)


def _pairs(ends: list[Any]) -> list[list[Any]]:
    """Streams of left and right, line by line."""
    return [end[place : place + 2] for end in ends for place in range(0, len(end), 2)]


def line_gains(lengths: Numbers, decay_s: float) -> Numbers:
    """Linear, of lines of `lengths` frames: the lowest notes fall by 60 dB in `decay_s`."""
    return np.asarray(10 ** (-3 * lengths / SAMPLE_RATE_HZ / decay_s))


def dampings(shape: Shape, lowpass_hz: float) -> Numbers:
    """[damped lines] feedback of the one-pole filters: sound at `lowpass_hz` falls `_DULLING_DB_PER_S` faster."""
    between = shape.groups.sum(axis=0) / SAMPLE_RATE_HZ
    duller = 10 ** (-_DULLING_DB_PER_S * between / 10)
    half = (1 - duller * np.cos(2 * np.pi * lowpass_hz / SAMPLE_RATE_HZ)) / (1 - duller)
    return np.asarray(half - np.sqrt(half**2 - 1))


def makeup(shape: Shape, decay_s: float, lowpass_hz: float) -> float:
    """Gain that makes the tail of steady sound as loud as the sound.

    A line loses on average the same share at every turn, so the energy in it is a geometric series. From one filter
    to the next are `damped_every` turns.
    """
    back = dampings(shape, lowpass_hz)[:, None]
    turn = np.exp(-2j * np.pi * _JUDGED_HZ / SAMPLE_RATE_HZ)
    decayed = line_gains(shape.groups.sum(axis=0), decay_s)[:, None]
    per_turn = (np.abs(decayed * (1 - back) / (1 - back * turn)) ** (2 / shape.damped_every)).mean(axis=0)
    return float(1 / np.sqrt((len(shape.lines) / 2 * per_turn / (1 - per_turn)).mean()))
