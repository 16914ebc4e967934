"""Many voices that go on for longer than their recording: pieces of it, blended as waves.

Where many sing, partials have no common phase, so pieces blend as noises do: power adds up. Both sides are cut at the
same places, and keep their room. Pieces are read forwards and backwards, begin where the waves are most alike, and no
join comes twice.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

LONGEST_BLEND_S: Final = 1.5
_BLEND_SHARE: Final = 0.4
_APART_S: Final = 0.06
_LEVEL_S: Final = 0.8
_BEST: Final = 6

Sound = NDArray[np.float64]
"""[frames, sides]."""
Join = tuple[int, int, bool]
"""Where the earlier piece ends, where the later one begins, whether that goes backwards."""


def prolonged(sound: Sound, rate_hz: int, begin: int, length_s: float, seed: int) -> Sound:
    """`sound`, steady from frame `begin` on, made `length_s` long. Up to its first blend it is the recording."""
    even = _levelled(sound, rate_hz, begin)
    chance = np.random.default_rng(seed)
    blend = round(min(LONGEST_BLEND_S * rate_hz, _BLEND_SHARE * (len(even) - begin)))
    whole, end, back = even, len(even), False
    joins: list[Join] = []
    while len(whole) < length_s * rate_hz:
        start, goes_back = _next(even, whole[-blend:], begin, (end, back), joins, rate_hz, chance)
        room = start - begin if goes_back else len(even) - start
        length = round(chance.uniform(min(1.2 * blend, room), room))
        piece = even[start - length : start][::-1] if goes_back else even[start : start + length]
        joins.append((end, start, goes_back))
        whole = _blended(whole, piece, blend)
        end, back = (start - length, True) if goes_back else (start + length, False)
    return whole[: round(length_s * rate_hz)]


def _levelled(sound: Sound, rate_hz: int, begin: int) -> Sound:
    """Without the slow swells of its steady part, which would come back with every piece."""
    width = round(_LEVEL_S * rate_hz)
    window = np.hanning(width) / np.hanning(width).sum()
    power = (sound[begin:] ** 2).mean(axis=1)
    padded = np.pad(power, width, mode="reflect")
    slow = np.fft.irfft(np.fft.rfft(padded, 2 * len(padded)) * np.fft.rfft(window, 2 * len(padded)))
    slow = slow[width + width // 2 :][: len(power)]
    gains = np.sqrt(slow.mean() / slow) ** np.interp(np.arange(len(power)), [0, width / 2], [0.0, 1.0])
    return np.concatenate([sound[:begin], sound[begin:] * gains[:, np.newaxis]])


def _next(
    even: Sound,
    ending: Sound,
    begin: int,
    last: tuple[int, bool],
    joins: list[Join],
    rate_hz: int,
    chance: np.random.Generator,
) -> tuple[int, bool]:
    """Where the next piece begins, and whether it goes backwards: one of the places most like what ends."""
    blend = len(ending)
    found: list[tuple[float, int, bool]] = []
    for back in (False, True):
        steady = even[begin:][::-1] if back else even[begin:]
        likeness = _likeness(steady[: len(steady) - blend // 2], ending[: blend // 2])
        for place in _tops(likeness, round(_APART_S * rate_hz)):
            start = len(even) - place if back else begin + place
            room = start - begin if back else len(even) - start
            known = _is_known(joins, (last[0], start, back), _APART_S * rate_hz)
            if room >= blend and not known and (start, back) != last:
                found.append((float(likeness[place]), start, back))
    found.sort(key=lambda one: -one[0])
    _, start, back = found[int(chance.integers(min(_BEST, len(found))))]
    return start, back


def _likeness(steady: Sound, ending: Sound) -> NDArray[np.float64]:
    """Correlation of `ending` with every place in `steady`, both sides together."""
    size = 1 << (len(steady) + len(ending)).bit_length()
    spectra = np.fft.rfft(steady, size, axis=0) * np.fft.rfft(ending, size, axis=0).conj()
    return np.asarray(np.fft.irfft(spectra.sum(axis=1), size)[: max(1, len(steady) - len(ending))])


def _tops(likeness: NDArray[np.float64], apart: int) -> list[int]:
    """The best place of every stretch of `apart` frames."""
    return [at + int(np.argmax(likeness[at : at + apart])) for at in range(0, len(likeness), apart)]


def _is_known(joins: list[Join], join: Join, apart: float) -> bool:
    return any(abs(one[0] - join[0]) < apart and abs(one[1] - join[1]) < apart and one[2] == join[2] for one in joins)


def _blended(before: Sound, after: Sound, blend: int) -> Sound:
    """With the power of both kept throughout, however alike they are."""
    ends, starts = before[-blend:], after[:blend]
    alike = float((ends * starts).sum() / np.sqrt((ends**2).sum() * (starts**2).sum()))
    angle = np.linspace(0, np.pi / 2, blend)[:, np.newaxis]
    falls, rises = np.cos(angle), np.sin(angle)
    loss = np.sqrt(1 + 2 * alike * falls * rises)
    return np.concatenate([before[:-blend], (ends * falls + starts * rises) / loss, after[blend:]])
