"""A struck note that rings out: after the recording come its own partials, each at its own pitch and its own decay.

Partials are found in narrow bands by ESPRIT (Roy and Kailath, 1989): in each band a few damped exponentials, from the
signal subspace of its Hankel matrix. Their sizes and phases, for both sides, are fitted to the recording's last
stretch, into which they are blended.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_BAND_HZ: Final = 40.0
_DEEPEST_DB: Final = 55.0
"""Under the strongest: what is softer is noise."""
_MOST_IN_BAND: Final = 2
_SECOND_DB: Final = 30.0
_SLOWEST_DB_PER_S: Final = 3.0
_SLOWEST_SHARE: Final = 0.6
"""Of what the strongest partial falls by: softer ones never ring on alone."""
_FASTEST_DB_PER_S: Final = 400.0
_NEPER_DB: Final = 20 / np.log(10)
_GONE_DB: Final = 80.0
_OCTAVE_CENTS: Final = 1200
_NEAR_CENTS: Final = 50

Sound = NDArray[np.float64]
"""[frames, sides]."""


def rung_out(sound: Sound, rate_hz: int, longest_s: float, judged_s: float, blend_s: float) -> Sound:
    """A recording that stops while it rings, made to ring until it has fallen by 80 dB, or for `longest_s`.

    Partials are found in its last `judged_s`; over its last `blend_s` they take over.
    """
    judged, blend = round(judged_s * rate_hz), round(blend_s * rate_hz)
    poles = partials(sound[-judged:, 0], rate_hz)
    sizes = _sizes(sound[-judged:], poles)
    frames = _length(poles, sizes, rate_hz, round(longest_s * rate_hz) - len(sound))
    model = _sounding(poles, sizes, judged - blend, judged + frames)
    rise = np.linspace(0, 1, blend)[:, np.newaxis]
    between = sound[-blend:] * (1 - rise) + model[:blend] * rise
    return np.concatenate([sound[:-blend], between, model[blend:]])


def partials(sound: NDArray[np.float64], rate_hz: int) -> NDArray[np.complex128]:
    """Poles of what rings in `sound` [frames]: log(radius) + i angle, per frame."""
    found: list[complex] = []
    for hz in _peaks_hz(sound, rate_hz):
        found += _in_band(sound, rate_hz, hz)
    poles = np.asarray(found)
    strongest = int(np.argmax(np.abs(_sizes(sound[:, np.newaxis], poles)[:, 0])))
    return np.minimum(poles.real, _SLOWEST_SHARE * poles.real[strongest]) + 1j * poles.imag


def cents_above(poles: NDArray[np.complex128], rate_hz: int, hz: float) -> float:
    """How far the note is above `hz`: of the partials near it, or near its octave, the one that rings longest.

    A tubular bell has no partial at the pitch that is heard, but one an octave above (Fletcher and Rossing, 21.4).
    """
    cents = 1200 * np.log2(np.abs(poles.imag) * rate_hz / (2 * np.pi) / hz)
    off = np.where(cents > _OCTAVE_CENTS / 2, cents - _OCTAVE_CENTS, cents)
    near = np.flatnonzero(np.abs(off) < _NEAR_CENTS)
    return float(off[near[np.argmax(poles.real[near])]]) if len(near) else 0.0


def decays_db_per_s(poles: NDArray[np.complex128], rate_hz: int) -> NDArray[np.float64]:
    """How fast each falls."""
    return np.asarray(-poles.real * rate_hz * _NEPER_DB)


def _peaks_hz(sound: NDArray[np.float64], rate_hz: int) -> list[float]:
    """The strongest line of every band that has one."""
    frames = 4 * len(sound)
    power = np.abs(np.fft.rfft(sound * np.blackman(len(sound)), frames)) ** 2
    around = round(_BAND_HZ / rate_hz * frames)
    low = round(100 / rate_hz * frames)
    least = power[low:].max() * 10 ** (-_DEEPEST_DB / 10)
    lines = np.flatnonzero(power > least)
    peaks = [one for one in lines if one > low and power[one] == power[max(0, one - around) : one + around + 1].max()]
    return [one * rate_hz / frames for one in peaks]


def _in_band(sound: NDArray[np.float64], rate_hz: int, hz: float) -> list[complex]:
    """The partials near one line: one, or two that beat."""
    every = max(1, int(rate_hz / (4 * _BAND_HZ)))
    turned = sound * np.exp(-2j * np.pi * hz / rate_hz * np.arange(len(sound)))
    window = np.hanning(2 * every + 1)
    narrow = np.convolve(turned, window / window.sum(), mode="valid")[::every]
    rows = len(narrow) // 2
    hankel = np.array([narrow[row : row + len(narrow) - rows + 1] for row in range(rows)])
    left, strengths, _ = np.linalg.svd(hankel, full_matrices=False)
    count = max(1, min(_MOST_IN_BAND, int((strengths > strengths[0] * 10 ** (-_SECOND_DB / 20)).sum())))
    space = left[:, :count]
    steps = np.log(np.linalg.eigvals(np.linalg.lstsq(space[:-1], space[1:], rcond=None)[0]))
    falls = np.clip(-steps.real / every * rate_hz * _NEPER_DB, _SLOWEST_DB_PER_S, _FASTEST_DB_PER_S)
    near = np.abs(steps.imag) < 2 * np.pi * _BAND_HZ / 2 * every / rate_hz
    angles = 2 * np.pi * hz / rate_hz + steps.imag / every
    return [
        complex(-fall / _NEPER_DB / rate_hz, angle)
        for fall, angle, here in zip(falls, angles, near, strict=True)
        if here
    ]


def _sizes(sound: Sound, poles: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """[poles, sides]: least squares on the recording."""
    waves = np.exp(np.arange(len(sound))[:, np.newaxis] * poles)
    basis = np.concatenate([waves.real, -waves.imag], axis=1)
    sizes = np.linalg.lstsq(basis, sound, rcond=None)[0]
    return np.asarray(sizes[: len(poles)] + 1j * sizes[len(poles) :])


def _sounding(poles: NDArray[np.complex128], sizes: NDArray[np.complex128], begin: int, end: int) -> Sound:
    at = np.arange(begin, end)
    whole = np.zeros((len(at), sizes.shape[1]))
    for pole, size in zip(poles, sizes, strict=True):
        whole += (np.exp(at * pole)[:, np.newaxis] * size).real
    return whole


def _length(poles: NDArray[np.complex128], sizes: NDArray[np.complex128], rate_hz: int, most: int) -> int:
    """Frames until all of it has fallen by 80 dB."""
    levels_db = _NEPER_DB * np.log(np.abs(sizes).max(axis=1) + 1e-12)
    left_s = (levels_db - levels_db.max() + _GONE_DB) / decays_db_per_s(poles, rate_hz)
    return min(most, round(float(left_s.max()) * rate_hz))
