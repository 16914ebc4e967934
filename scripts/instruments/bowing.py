"""A bow that goes on for longer than its recording: what neighbouring notes' bows do, one after the other.

Two bowed notes that are blended as waves cancel each other wherever their vibratos differ. Blended as pitch and
partials they cannot: there is one pitch at any time. A note keeps its own attack and its own spectrum. How its pitch,
its partials and its noise move comes from itself first, then from the notes beside it on the same cello, each read once
forwards and once backwards. So nothing comes back, and there is no loop to be heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.instruments.harmonics import STEP, Complex, Harmonics, Real, analysed, phase_of, sounding

LONGEST_BLEND_S: Final = 1.5
_BLEND_SHARE: Final = 0.45
"""Of the steady part, where that is short."""
_STEADY_DB: Final = 5.0
_EDGE_S: Final = 0.15
_LEVEL_S: Final = 1.0
_GRID_S: Final = 0.02
_BEST: Final = 3
"""Of so many pieces that fit best, chance takes one."""


@dataclass(frozen=True)
class Bow:
    """A recorded note taken apart, and the steps between which it is steady."""

    harmonics: Harmonics
    begin: int
    end: int

    @property
    def pitch_hz(self) -> float:
        """Of its steady part."""
        return float(self.harmonics.pitch_hz[self.begin : self.end].mean())

    @property
    def spread_cents(self) -> float:
        """Standard deviation of its pitch: the depth of its vibrato."""
        return float(np.std(1200 * np.log2(self.harmonics.pitch_hz[self.begin : self.end])))


@dataclass(frozen=True)
class Piece:
    """Steps of one bow, read one after the other: forwards or, where `back`, backwards."""

    bow: int
    first: int
    steps: int
    back: bool

    @property
    def places(self) -> NDArray[np.int64]:
        forwards = np.arange(self.first, self.first + self.steps)
        return forwards[::-1] if self.back else forwards


def bow(sound: Real, rate_hz: int, about_hz: float) -> Bow:
    """A note [frames] near a pitch, without slow swells: they would come back with every piece."""
    whole = analysed(sound, rate_hz, about_hz)
    begin, end = steady_part(sound, rate_hz)
    level = _levelling(sound, rate_hz, begin, end)
    noise = whole.noise * np.interp(np.arange(len(sound)) / STEP, np.arange(len(level)), level)
    return Bow(Harmonics(whole.pitch_hz, whole.partials * level, noise, rate_hz), begin, end)


def prolonged_bow(own: Bow, others: list[Bow], length_s: float, seed: int) -> Real:
    """`own` made `length_s` long [frames], with the movements of `others`. Up to its first blend it is the recording.

    Raises ValueError where `others` do not last long enough.
    """
    bows = [own, *(_like(own, other) for other in others)]
    steps = round(length_s * own.harmonics.rate_hz / STEP)
    pieces, blend = planned(bows, steps, np.random.default_rng(seed))
    return _joined(bows, pieces, blend)[: steps * STEP]


def steady_part(sound: Real, rate_hz: int) -> tuple[int, int]:
    """The steps between which the bow is steady: near its usual level, without its beginning and its end."""
    window = round(0.05 * rate_hz / STEP) * STEP
    power = (sound[: len(sound) // window * window].reshape(-1, window) ** 2).mean(axis=1)
    levels_db = 10 * np.log10(power + 1e-12)
    usual = np.flatnonzero(levels_db > np.median(levels_db[levels_db > levels_db.max() - 15]) - _STEADY_DB)
    edge = round(_EDGE_S * rate_hz)
    return (usual[0] * window + edge) // STEP, ((usual[-1] + 1) * window - edge) // STEP


def _levelling(sound: Real, rate_hz: int, begin: int, end: int) -> Real:
    """Gains [steps] that make the steady part as loud throughout as it is on average."""
    steps = -(-len(sound) // STEP)
    power = np.interp(np.arange(steps) * STEP, np.arange(len(sound)), sound**2)
    width = round(_LEVEL_S * rate_hz / STEP)
    window = np.hanning(width) / np.hanning(width).sum()
    slow = np.convolve(np.pad(power[begin:end], width, mode="reflect"), window, mode="same")[width:-width]
    gains = np.sqrt(slow.mean() / slow)
    ramp = np.interp(np.arange(end - begin), [0, width / 2], [0.0, 1.0])
    return np.concatenate([np.ones(begin), gains**ramp, np.full(steps - end, gains[-1])])


def _like(own: Bow, other: Bow) -> Bow:
    """Another note's bow at the pitch of `own`, each of its partials and its noise as loud as there."""
    mine, theirs = own.harmonics, other.harmonics
    count = min(len(mine.partials), len(theirs.partials))
    sizes = [np.abs(one.harmonics.partials[:count, one.begin : one.end]).mean(axis=1) for one in (own, other)]
    partials = theirs.partials[:count] * (sizes[0] / (sizes[1] + 1e-12))[:, np.newaxis]
    noises = [one.harmonics.noise[one.begin * STEP : one.end * STEP] for one in (own, other)]
    noise = theirs.noise * np.sqrt((noises[0] ** 2).mean() / ((noises[1] ** 2).mean() + 1e-20))
    return Bow(
        Harmonics(theirs.pitch_hz * own.pitch_hz / other.pitch_hz, partials, noise, theirs.rate_hz),
        other.begin,
        other.end,
    )


def planned(bows: list[Bow], steps: int, chance: np.random.Generator) -> tuple[list[Piece], int]:
    """Pieces that last `steps` together, the first from the first bow's beginning, and the steps of their blends."""
    per_s = bows[0].harmonics.rate_hz / STEP
    shortest = min(one.end - one.begin for one in bows)
    blend = round(min(LONGEST_BLEND_S * per_s, _BLEND_SHARE * shortest))
    pieces = [Piece(0, 0, bows[0].end - round(chance.uniform(0, 0.1) * shortest), back=False)]
    while sum(piece.steps - blend for piece in pieces) + blend < steps:
        pieces.append(_next(bows, pieces, blend, per_s, chance))
    return pieces, blend


def _next(bows: list[Bow], pieces: list[Piece], blend: int, per_s: float, chance: np.random.Generator) -> Piece:
    """What follows: of the bows and directions that were not read yet, one whose vibrato fits."""
    last = pieces[-1]
    ending = bows[last.bow].harmonics.pitch_hz[last.places[-blend:]]
    read = {(piece.bow, piece.back) for piece in pieces}
    found: list[tuple[float, Piece]] = []
    for number, one in enumerate(bows):
        for back in (False, True):
            if number != last.bow and (number, back) not in read:
                pieces_here = _pieces(number, one, back, blend, max(1, round(_GRID_S * per_s)))
                fits = [(_misfit_hz(one, piece, ending), piece) for piece in pieces_here]
                found.append(min(fits, key=lambda fit: fit[0]))
    if not found:
        raise ValueError("every bow was read in both directions; give more of them, or ask for less")
    found.sort(key=lambda fit: fit[0])
    return found[int(chance.integers(min(_BEST, len(found))))][1]


def _pieces(number: int, one: Bow, back: bool, blend: int, grid: int) -> list[Piece]:
    """Nearly all of a bow's steady part: it begins at one of several places, or backwards at one of several ends."""
    spare = (one.end - one.begin) // 5
    length = one.end - one.begin - spare
    if length < 2 * blend:
        length = min(2 * blend, one.end - one.begin)
    return [Piece(number, first, length, back) for first in range(one.begin, one.end - length + 1, grid)]


def _misfit_hz(one: Bow, piece: Piece, ending: Real) -> float:
    return float(np.sqrt(((one.harmonics.pitch_hz[piece.places[: len(ending)]] - ending) ** 2).mean()))


def _joined(bows: list[Bow], pieces: list[Piece], blend: int) -> Real:
    pitch, partials, noise = _read(bows, pieces[0])
    rise = np.linspace(0, 1, blend)
    for piece in pieces[1:]:
        next_pitch, next_partials, next_noise = _read(bows, piece)
        blended = pitch[-blend:] * (1 - rise) + next_pitch[:blend] * rise
        pitch = np.concatenate([pitch[:-blend], blended, next_pitch[blend:]])
        partials = _blended(partials, next_partials, rise)
        noise = _noise_blended(noise, next_noise, blend * STEP)
    return sounding(partials, phase_of(pitch, bows[0].harmonics.rate_hz, len(noise))) + noise


def _read(bows: list[Bow], piece: Piece) -> tuple[Real, Complex, Real]:
    whole = bows[piece.bow].harmonics
    partials = np.zeros((len(bows[0].harmonics.partials), piece.steps), dtype=np.complex128)
    partials[: len(whole.partials)] = whole.partials[:, piece.places]
    noise = whole.noise[piece.first * STEP : (piece.first + piece.steps) * STEP]
    if piece.back:
        return whole.pitch_hz[piece.places], partials.conj(), noise[::-1]
    return whole.pitch_hz[piece.places], partials, noise


def _blended(before: Complex, after: Complex, rise: Real) -> Complex:
    """Partials [partials, steps] with the later ones turned into the phase of the earlier, and no dip between them."""
    blend = len(rise)
    ends, starts = before[:, -blend:], after[:, :blend]
    likeness = (ends * starts.conj()).sum(axis=1, keepdims=True)
    powers = (np.abs(ends) ** 2).sum(axis=1, keepdims=True) * (np.abs(starts) ** 2).sum(axis=1, keepdims=True)
    turned = after * (likeness / (np.abs(likeness) + 1e-20))
    alike = np.abs(likeness) / np.sqrt(powers + 1e-20)
    loss = np.sqrt((1 - rise) ** 2 + rise**2 + 2 * alike * rise * (1 - rise))
    between = (ends * (1 - rise) + turned[:, :blend] * rise) / loss
    return np.concatenate([before[:, :-blend], between, turned[:, blend:]], axis=1)


def _noise_blended(before: Real, after: Real, frames: int) -> Real:
    angle = np.linspace(0, np.pi / 2, frames)
    between = before[-frames:] * np.cos(angle) + after[:frames] * np.sin(angle)
    return np.concatenate([before[:-frames], between, after[frames:]])
