"""How alike two bodies of sound are in colour: the distance of their log-mel statistics.

Per mel band the mean and deviation of the level in dB, over all moments of all sounds that are no rests; the distance
is the root mean square difference of these figures, in dB. It hears timbre and balance, not notes or form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.textures.audio.mu_law import RATE_HZ
from models.textures.corpus.corpus import levelled

Sound = NDArray[np.float32]
BANDS: Final = 48
WINDOW: Final = 1024
FLOOR_DB: Final = -70.0
"""Below the level of white noise at full scale; quieter is all the same."""
REST_DB: Final = 25.0
"""A moment this far below the loudest of its sound is a rest."""


def distance_db(one: Sequence[Sound], other: Sequence[Sound]) -> float:
    """Distance in dB between two sets of mono sounds at 16 kHz; all are brought to one loudness before."""
    return between(statistics(one), statistics(other))


def between(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """As `distance_db`, of the `statistics` of the sounds."""
    return float(np.sqrt(np.mean((one - other) ** 2)))


def statistics(sounds: Sequence[Sound]) -> NDArray[np.float64]:
    """Mean and deviation in dB of each band, [2 x BANDS]."""
    levels = np.concatenate([sounding(mel_levels_db(levelled(sound))) for sound in sounds])
    return np.stack([levels.mean(axis=0), levels.std(axis=0)])


def sounding(levels_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Those of the moments [moments x BANDS] that are no rests."""
    loudest_db = levels_db.max(axis=1)
    return levels_db[loudest_db > loudest_db.max() - REST_DB]


def mel_levels_db(sound: Sound) -> NDArray[np.float64]:
    """Levels [moments x BANDS], moments 32 ms apart."""
    views = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[:: WINDOW // 2]
    power = np.abs(np.fft.rfft(views * np.hanning(WINDOW), axis=1)) ** 2 / WINDOW
    return np.maximum(10.0 * np.log10(power @ mel_bands() + 1e-12), FLOOR_DB)


def mel_bands() -> NDArray[np.float64]:
    """Triangles [WINDOW / 2 + 1 x BANDS] evenly spaced in mel (O'Shaughnessy 1987) from 40 Hz to 8 kHz, mean 1."""
    edges_mel = np.linspace(2595.0 * np.log10(1 + 40.0 / 700.0), 2595.0 * np.log10(1 + RATE_HZ / 1400.0), BANDS + 2)
    edges_hz = 700.0 * (10.0 ** (edges_mel / 2595.0) - 1.0)
    hz = np.fft.rfftfreq(WINDOW, 1.0 / RATE_HZ)[:, None]
    low, middle, high = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    bands = np.maximum(0.0, np.minimum((hz - low) / (middle - low), (high - hz) / (high - middle)))
    nearest = np.zeros_like(bands)
    nearest[np.round(middle * WINDOW / RATE_HZ).astype(int), np.arange(BANDS)] = 1e-6
    bands += nearest
    return np.asarray(bands / bands.sum(axis=0))
