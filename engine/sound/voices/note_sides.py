"""The two sides of a recorded note brought together, so that little is lost where both are added up.

Two microphones over a grand hear each partial with a phase of its own. Where they are opposite, the partial is gone in
mono, and on two loudspeakers the note has no place. So the partials of such a note are turned. Below 1.5 kHz the ear
places a sound by just these phases (Lord Rayleigh, 1907); there each partial of the right side is turned until it is
within 50 degrees of the left, and one that is nearer stays as it was recorded. Then both sides of every note get the
levels that the key's place asks for. What mono still loses too much is taken out of the difference of the sides.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.instruments import Sides

LOWEST: Final = 21
HIGHEST: Final = 108
"""Of a grand's keys, as HIGHEST."""
_TURNED_HZ: Final = 1500.0
_LET_GO_HZ: Final = 2200.0
"""From here on nothing is turned."""
_FARTHEST: Final = np.radians(50)
_UNLIKE_DB: Final = 3.0
"""What mono loses of sides that have nothing in common: where it loses more, they work against each other."""
_JUDGED_S: Final = 2.0
_AROUND: Final = 0.2
"""Of the distance of partials: so near to one, lines belong to it."""
_LEAST_POWER: Final = 1e-12

Pair = NDArray[np.floating[Any]]
"""[2, frames]."""


def together(sides: Pair, rate_hz: int, pitch: int, wanted: Sides) -> NDArray[np.float32]:
    """The note at a MIDI pitch; as loud as before."""
    judged = round(_JUDGED_S * rate_hz)
    power = float((sides[:, :judged].astype(np.float64) ** 2).sum())
    turned = sides
    if mono_loss_db(sides[:, :judged]) > _UNLIKE_DB:
        turned = _turned(sides, rate_hz, 440 * 2 ** ((pitch - 69) / 12))
    share = np.clip((pitch - LOWEST) / (HIGHEST - LOWEST), 0, 1)
    placed = _placed(turned, judged, float(wanted.lowest_db + share * (wanted.highest_db - wanted.lowest_db)))
    near = _narrowed(placed, judged, wanted.mono_loss_db)
    now = float((near[:, :judged].astype(np.float64) ** 2).sum())
    return np.asarray(near * np.sqrt(power / max(now, _LEAST_POWER)), dtype=np.float32)


def mono_loss_db(sides: Pair) -> float:
    """How much of the power is lost when both sides are added up: 0 for equal sides, 3 for unlike ones."""
    exact = sides.astype(np.float64)
    whole = max(float((exact**2).sum()), _LEAST_POWER)
    return float(-10 * np.log10(max(float(((exact[0] + exact[1]) ** 2).sum()) / 2 / whole, _LEAST_POWER)))


def _turned(sides: Pair, rate_hz: int, pitch_hz: float) -> Pair:
    """With the right side's partials turned towards the left's."""
    hz, angles = _turns(sides[:, : round(_JUDGED_S * rate_hz)], rate_hz, pitch_hz)
    frames = sides.shape[1]
    padded = 1 << frames.bit_length()  # what goes round the end is silence
    spectrum = np.fft.rfft(sides[1].astype(np.float64), padded)
    spectrum *= np.exp(1j * np.interp(np.fft.rfftfreq(padded, 1 / rate_hz), hz, angles))
    return np.stack([sides[0], np.fft.irfft(spectrum, padded)[:frames]])


def _turns(sides: Pair, rate_hz: int, pitch_hz: float) -> tuple[list[float], list[float]]:
    """Frequencies, and by how many radians the right side is turned there; between them it turns evenly."""
    window = np.hanning(sides.shape[1])
    left, right = np.fft.rfft(sides * window)
    lines_hz = np.fft.rfftfreq(sides.shape[1], 1 / rate_hz)
    hz, angles = [0.0], [0.0]
    for number in range(1, max(1, int(_TURNED_HZ / pitch_hz)) + 1):
        near = np.abs(lines_hz - number * pitch_hz) < _AROUND * pitch_hz
        apart = float(np.angle((left[near] * right[near].conj()).sum()))
        hz.append(number * pitch_hz)
        angles.append(_least_turn(apart, angles[-1]))
    angles[0] = angles[1]
    rest = 2 * np.pi * round(angles[-1] / (2 * np.pi))
    return [*hz, max(_LET_GO_HZ, hz[-1] + pitch_hz / 2)], [*angles, rest]


def _least_turn(apart: float, before: float) -> float:
    """The turn that leaves the sides within reach of each other, and is nearest to the turn of the partial before."""
    around = apart + 2 * np.pi * round((before - apart) / (2 * np.pi))
    candidates = [around - 2 * np.pi, around, around + 2 * np.pi]
    nearest = [float(np.clip(before, one - _FARTHEST, one + _FARTHEST)) for one in candidates]
    return min(nearest, key=lambda one: abs(one - before))


def _placed(sides: Pair, judged: int, left_over_right_db: float) -> Pair:
    """With levels whose difference is as wanted."""
    powers = (sides[:, :judged].astype(np.float64) ** 2).sum(axis=1) + _LEAST_POWER
    ratio = 10 ** (left_over_right_db / 10)
    wanted = np.array([ratio, 1.0]) / (1 + ratio) * powers.sum()
    return np.asarray(sides * np.sqrt(wanted / powers)[:, np.newaxis])


def _narrowed(sides: Pair, judged: int, most_db: float) -> Pair:
    """With so much less difference that mono loses no more than it may."""
    middle, side = (sides[0] + sides[1]) / 2, (sides[0] - sides[1]) / 2
    powers = [float((one[:judged].astype(np.float64) ** 2).sum()) + _LEAST_POWER for one in (middle, side)]
    most = powers[0] * (10 ** (most_db / 10) - 1)
    width = min(1.0, float(np.sqrt(most / powers[1])))
    return np.stack([middle + width * side, middle - width * side])
