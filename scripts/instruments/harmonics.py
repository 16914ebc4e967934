"""A bowed note as a moving pitch, partials that ride on it, and the noise of the bow.

The partials of a bowed string lie at whole multiples of one pitch (Fletcher and Rossing, The Physics of Musical
Instruments, chapter 10). So the pitch is followed first, vibrato and all; relative to it every partial is a slow
complex envelope. What is left is noise. The three together are the recording itself, to the rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEP: Final = 32
"""Frames between two values of an envelope."""
_HIGHEST_HZ: Final = 10_000.0
_WIDEST_HZ: Final = 40.0
"""How fast a partial may change beside the pitch; narrower where partials lie closer together."""
_SHARE: Final = 0.4
_FOLLOWED: Final = 6
"""Partials that say what the pitch does."""
_VIBRATO_HZ: Final = 30.0

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Harmonics:
    """`pitch_hz` [steps], `partials` [partials, steps] (complex), `noise` [frames]."""

    pitch_hz: Real
    partials: Complex
    noise: Real
    rate_hz: int


def analysed(sound: Real, rate_hz: int, about_hz: float) -> Harmonics:
    """Take a note [frames] apart whose pitch is near `about_hz`."""
    pitch_hz = _followed(sound, rate_hz, about_hz)
    phase = phase_of(pitch_hz, rate_hz, len(sound))
    width_hz = min(_WIDEST_HZ, _SHARE * about_hz)
    count = int(_HIGHEST_HZ / about_hz)
    partials = np.stack([_beside(sound, rate_hz, number * phase, width_hz) for number in range(1, count + 1)])
    return Harmonics(pitch_hz, partials, sound - sounding(partials, phase), rate_hz)


def sounding(partials: Complex, phase: Real) -> Real:
    """Partials [partials, steps] on a pitch whose phase is `phase` [frames]: their sum [frames]."""
    steps = np.arange(len(phase)) / STEP
    at = np.arange(partials.shape[1])
    turn = np.exp(1j * phase)
    wheel = np.ones(len(phase), dtype=np.complex128)
    whole = np.zeros(len(phase))
    for envelope in partials:
        wheel *= turn
        whole += (np.interp(steps, at, envelope.real) * wheel.real) - (np.interp(steps, at, envelope.imag) * wheel.imag)
    return whole


def phase_of(pitch_hz: Real, rate_hz: int, frames: int) -> Real:
    """Radians [frames] of a pitch [steps]."""
    each = np.interp(np.arange(frames) / STEP, np.arange(len(pitch_hz)), pitch_hz)
    return np.asarray(2 * np.pi * np.cumsum(each) / rate_hz)


def _followed(sound: Real, rate_hz: int, about_hz: float) -> Real:
    """The pitch of every step: how fast the strongest low partials turn, weighted by their power."""
    steady = 2 * np.pi * about_hz * np.arange(len(sound)) / rate_hz
    width_hz = min(_VIBRATO_HZ, _SHARE * about_hz)
    power = np.full(-(-len(sound) // STEP), 1e-12)
    turned = np.zeros_like(power)
    for number in range(1, _FOLLOWED + 1):
        envelope = _beside(sound, rate_hz, number * steady, width_hz)
        turn = envelope[1:] * envelope[:-1].conj()
        strength = np.abs(np.append(turn, turn[-1])) / number
        power += strength
        turned += strength * np.angle(np.append(turn, turn[-1])) / number
    offset_hz = turned / power * rate_hz / STEP / (2 * np.pi)
    return np.asarray(about_hz + _smooth(offset_hz, rate_hz / STEP, _VIBRATO_HZ))


def _beside(sound: Real, rate_hz: int, phase: Real, width_hz: float) -> Complex:
    """What lies within `width_hz` of a moving pitch, as a complex envelope [steps]."""
    spectrum = np.fft.fft(2 * sound * np.exp(-1j * phase))
    hz = np.asarray(np.abs(np.fft.fftfreq(len(sound), 1 / rate_hz)))
    spectrum *= _pass(hz, width_hz)
    return np.asarray(np.fft.ifft(spectrum)[::STEP])


def _smooth(values: Real, rate_hz: float, width_hz: float) -> Real:
    mirrored = np.concatenate([values, values[::-1]])
    spectrum = np.fft.rfft(mirrored) * _pass(
        np.asarray(np.fft.rfftfreq(len(mirrored), 1 / rate_hz), np.float64), width_hz
    )
    return np.asarray(np.fft.irfft(spectrum, len(mirrored))[: len(values)])


def _pass(hz: Real, width_hz: float) -> Real:
    """All up to half of `width_hz`, nothing from it on."""
    return np.asarray(np.cos(np.pi / 2 * np.clip(2 * hz / width_hz - 1, 0, 1)) ** 2)
