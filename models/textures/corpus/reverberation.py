"""What is done to a scene's sound: reverberation, stretching, worn tape. Every sound is float32 [frames x 2]."""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

Sound = NDArray[np.float32]
RATE_HZ: Final = 48_000
STRETCH_WINDOW: Final = 24_576
"""Half a second, in which a stretched sound is frozen."""


def seconds(frames: int) -> NDArray[np.float64]:
    return np.arange(frames) / RATE_HZ


def lowpass(sound: Sound, hz: float, order: int) -> Sound:
    return scipy.signal.sosfilt(scipy.signal.butter(order, hz, fs=RATE_HZ, output="sos"), sound, axis=0).astype(
        np.float32
    )


def reverberate(dry: Sound, rng: np.random.Generator, decay_s: float, wet: float, lowpass_hz: float) -> Sound:
    """Convolution with decaying noise (60 dB in `decay_s`), another on each side; `wet` is its share."""
    t = seconds(int(decay_s * RATE_HZ))[:, None]
    decaying = rng.standard_normal((len(t), 2)) * 10.0 ** (-3.0 * t / decay_s) * np.minimum(1.0, t / 0.04)
    tail = lowpass(decaying.astype(np.float32), lowpass_hz, order=1)
    tail /= np.sqrt(np.sum(tail**2, axis=0))
    room = scipy.signal.oaconvolve(dry, tail, axes=0)[: len(dry)]
    return ((1.0 - wet) * dry + wet * room).astype(np.float32)


def stretch(sound: Sound, frames: int, rng: np.random.Generator) -> Sound:
    """Sound drawn out to `frames` with its spectrum kept and its phases left to chance, on each side its own."""
    if len(sound) < STRETCH_WINDOW:
        sound = np.resize(sound, (STRETCH_WINDOW, 2))
    hop = STRETCH_WINDOW // 2
    window = np.hanning(STRETCH_WINDOW)[:, None].astype(np.float32)
    total = np.zeros((frames + STRETCH_WINDOW, 2), np.float32)
    starts = np.linspace(0, len(sound) - STRETCH_WINDOW, frames // hop + 1).astype(int)
    for number, start in enumerate(starts):
        spectrum = np.abs(scipy.fft.rfft(sound[start : start + STRETCH_WINDOW] * window, axis=0))
        grain = scipy.fft.irfft(spectrum * np.exp(2j * np.pi * rng.random(spectrum.shape)), axis=0)
        total[number * hop : number * hop + STRETCH_WINDOW] += grain * window
    return total[:frames]


def wow(sound: Sound, rng: np.random.Generator) -> Sound:
    """The unsteady speed of an old tape machine: slow wow and faster flutter, within about 0.4 %."""
    t = seconds(len(sound))
    delay_s = sum(
        depth * np.sin(2 * np.pi * (rate_hz * t + rng.random()))
        for rate_hz, depth in ((rng.uniform(0.3, 0.8), 0.0008), (rng.uniform(4.0, 7.0), 0.00003))
    )
    return np.stack([np.interp(t + delay_s, t, side) for side in sound.T], axis=1).astype(np.float32)


def felt(sound: Sound) -> Sound:
    """The muffled top of a piano with felt before its strings."""
    return lowpass(sound, 1400.0, order=2)
