"""Bringing what a network drew nearer to what it was told: the levels of four bands, and the pitches.

Left to itself for half a minute, a small network drifts from what it was told. So its draw is first brought to the
levels in four bands that it was told for every moment (`coloured`), as by a hand on four faders, and as a whole to the
spectrum of its style (`tinted`), as an engineer takes rumble and hiss from a recording. Then it is heard
through narrow resonances at the pitch classes it was told (`attuned`), as wind is through strings; every third of an
octave keeps its level. Where a network does as told already, little changes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

from models.textures.audio.mu_law import BLOCK_FRAMES, RATE_HZ
from models.textures.conditioning.conditions import BAND_EDGES_HZ, PITCH_CLASSES, band_levels, level_db

LOWEST_PITCH: Final = 36
HIGHEST_HZ: Final = 3500.0
"""Above lies the breath of a sound rather than its notes: it stays as it is."""
WIDTH: Final = 1.0 / 150.0
"""Of a resonance (deviation of a Gaussian), as a share of its pitch, and within these limits in Hz."""
NARROWEST_HZ, WIDEST_HZ = 1.2, 4.0
SIDEBANDS_HZ: Final = 15.0
"""What the coming and going of a pitch class adds to the width of its resonance."""
BANDS_PER_OCTAVE: Final = 3
MOST_GAIN: Final = 40.0
MOST_DB: Final = 30.0
SMOOTH_BLOCKS: Final = 9
"""Faders move no faster than within 0.15 s, or they would be heard."""
THIRDS_HZ: Final = np.geomspace(40.0, 8000.0, 24)
"""Edges of the bands of a spectrum, a third of an octave each."""
THIRDS_WINDOW: Final = 4096
QUIETEST_DB: Final = -90.0
TINT_DB: Final = (-24.0, 9.0)
"""What is too much may be taken away; what is missing is not there to be raised far."""


def coloured(sound: NDArray[np.floating], told: NDArray[np.floating], amount: float = 1.0) -> NDArray[np.float32]:
    """Mono sound at `RATE_HZ` with each band of `BAND_EDGES_HZ` brought to its level in `told` [blocks x 4].

    `told` is as `conditioning.conditions.band_levels` measures; row n is about block n, the last goes on. `amount`
    is the share of the difference in dB that is made up, of which `MOST_DB` at most. Same length, same every time.
    """
    if amount <= 0.0 or not len(told) or not len(sound):
        return np.asarray(sound, dtype=np.float32)
    heard = band_levels(sound)
    told = told[np.minimum(np.arange(len(heard)), len(told) - 1)]
    wanted_db = np.clip(level_db(told) - level_db(heard), -MOST_DB, MOST_DB)
    gain_db = amount * scipy.ndimage.uniform_filter1d(wanted_db, SMOOTH_BLOCKS, axis=0, mode="nearest")
    middles = (np.arange(len(heard)) + 0.5) * BLOCK_FRAMES
    total, rest = np.zeros(len(sound)), sound.astype(np.float64)
    for band, top_hz in enumerate(BAND_EDGES_HZ[1:]):
        part = rest
        if top_hz < RATE_HZ / 2.0:  # without a delay, so that the parts add up to the whole
            low = scipy.signal.butter(4, top_hz, "lowpass", fs=RATE_HZ, output="sos")
            part = scipy.signal.sosfiltfilt(low, rest, padlen=min(len(rest) - 1, 4 * BLOCK_FRAMES))
            rest = rest - part
        total += part * 10.0 ** (np.interp(np.arange(len(sound)), middles, gain_db[:, band]) / 20.0)
    return total.astype(np.float32)


def spectrum_db(sound: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean level in dB of each band of `THIRDS_HZ` [23], over all moments of mono sound, beside the whole power."""
    padded = np.pad(np.asarray(sound, np.float64), (0, max(0, THIRDS_WINDOW - len(sound))))
    moments = np.lib.stride_tricks.sliding_window_view(padded, THIRDS_WINDOW)[:: THIRDS_WINDOW // 4]
    power = np.abs(np.fft.rfft(moments * np.hanning(THIRDS_WINDOW), axis=1)) ** 2
    edges = np.ceil(THIRDS_HZ * THIRDS_WINDOW / RATE_HZ).astype(int)
    bands = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    whole = max(float(power.sum(axis=1).mean()), 1e-12)
    return np.asarray(np.maximum(10.0 * np.log10(bands / whole + 1e-12), QUIETEST_DB).mean(axis=0))


def tinted(sound: NDArray[np.floating], wanted_db: NDArray[np.floating], amount: float = 1.0) -> NDArray[np.float32]:
    """Mono sound through one still filter that brings its `spectrum_db` towards `wanted_db`, within `TINT_DB`.

    No delay and no phase; `amount` is the share of the difference that is made up.
    """
    if amount <= 0.0 or not len(sound) or not np.any(sound):
        return np.asarray(sound, dtype=np.float32)
    gain_db = amount * np.clip(wanted_db - spectrum_db(sound), *TINT_DB)
    length = scipy.fft.next_fast_len(len(sound) + RATE_HZ // 4, real=True)
    hz = np.maximum(np.arange(length // 2 + 1) * RATE_HZ / length, 1.0)
    middles_hz = np.sqrt(THIRDS_HZ[:-1] * THIRDS_HZ[1:])
    gains = 10.0 ** (np.interp(np.log(hz), np.log(middles_hz), gain_db) / 20.0)
    spectrum = scipy.fft.rfft(np.asarray(sound, np.float64), length) * gains
    return np.asarray(scipy.fft.irfft(spectrum, length)[: len(sound)], dtype=np.float32)


def attuned(sound: NDArray[np.floating], presence: NDArray[np.floating], amount: float = 0.9) -> NDArray[np.float32]:
    """Mono sound at `RATE_HZ` through resonances at the pitch classes of `presence` [blocks x 12], 0..1 each.

    Row n of `presence` is about block n of `BLOCK_FRAMES`; the last goes on. `amount` 0 leaves the sound as it is, 1
    leaves nothing between the resonances. Promised: same length; up to `HIGHEST_HZ` the level of every third of an
    octave stays within a dB or so, unless no wanted pitch lies in it; the same arguments give the same sound.
    """
    if amount <= 0.0 or not len(presence) or presence.max() <= 0.0:
        return np.asarray(sound, dtype=np.float32)
    length = scipy.fft.next_fast_len(len(sound) + RATE_HZ // 2, real=True)
    given = scipy.fft.rfft(sound.astype(np.float64), length)
    hz = np.arange(len(given)) * RATE_HZ / length
    ringing = np.zeros_like(given)
    for pitch in range(LOWEST_PITCH, 128):
        pitch_hz = 440.0 * 2.0 ** ((pitch - 69) / 12.0)
        weight = presence[:, pitch % PITCH_CLASSES]
        if pitch_hz < HIGHEST_HZ and weight.max() > 0.0:
            add_resonance(ringing, given, pitch_hz, weight, length)
    ringing *= levels(given, ringing, hz)
    notes = 1.0 / (1.0 + (hz / HIGHEST_HZ) ** 16)
    turn = 0.5 * np.pi * min(1.0, amount)
    mixed = ringing * np.sin(turn) * notes + given * (np.cos(turn) * notes + 1.0 - notes)
    return np.asarray(scipy.fft.irfft(mixed, length)[: len(sound)], dtype=np.float32)


def add_resonance(
    ringing: NDArray[np.complex128],
    given: NDArray[np.complex128],
    pitch_hz: float,
    weight: NDArray[np.floating],
    length: int,
) -> None:
    """Adds to the spectrum `ringing` what `given` has around a pitch, as loud as `weight` squared from block to block.

    The few lines of the spectrum around the pitch are the pitch's envelope at a low rate, where a gain is cheap.
    """
    lines_per_hz = length / RATE_HZ
    width_hz = min(max(pitch_hz * WIDTH, NARROWEST_HZ), WIDEST_HZ)
    centre, reach = round(pitch_hz * lines_per_hz), int((4.0 * width_hz + SIDEBANDS_HZ) * lines_per_hz)
    first, last = max(1, centre - reach), min(len(given), centre + reach + 1)
    away_hz = np.arange(first, last) / lines_per_hz - pitch_hz
    envelope = scipy.fft.ifft(given[first:last] * np.exp(-0.5 * (away_hz / width_hz) ** 2))
    block = np.arange(last - first) * (length / BLOCK_FRAMES) / (last - first)
    envelope *= np.interp(block, np.arange(len(weight)) + 0.5, weight**2)
    ringing[first:last] += scipy.fft.fft(envelope)


def levels(
    wanted: NDArray[np.complex128], given: NDArray[np.complex128], hz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Gain per line of a spectrum that brings each third of an octave of `given` to its level in `wanted`."""
    edges = np.geomspace(50.0, 2.0 * HIGHEST_HZ, round(np.log2(HIGHEST_HZ / 25.0) * BANDS_PER_OCTAVE) + 1)
    middles, gains = [], []
    for low, high in pairwise(np.searchsorted(hz, edges)):
        power, has = (float(np.sum(np.abs(part[low:high]) ** 2)) for part in (wanted, given))
        middles.append(np.log(0.5 * (hz[low] + hz[high - 1])))
        gains.append(min(np.sqrt(power / has), MOST_GAIN) if has > 0.0 else 1.0)
    return np.asarray(np.interp(np.log(np.maximum(hz, 1.0)), middles, gains))
