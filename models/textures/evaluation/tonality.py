"""How far tones stand out of the noise between them, in dB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import scipy.ndimage

from models.textures.audio.mu_law import RATE_HZ
from models.textures.evaluation.distance import Sound

WINDOW: Final = 8192
LOWEST_HZ: Final = 100.0
HIGHEST_HZ: Final = 2000.0
AROUND: Final = 81
"""Lines of the spectrum, 160 Hz, among which peaks are compared with what lies between them."""


def tonal_over_noise_db(sounds: Sequence[Sound]) -> float:
    """Mean over all moments: the 95th percentile of levels among neighbours over their 25th, 100 Hz to 2 kHz."""
    found = []
    for sound in sounds:
        views = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[:: WINDOW // 2]
        power = np.abs(np.fft.rfft(views * np.hanning(WINDOW), axis=1)) ** 2
        level_db = 10.0 * np.log10(power[:, : int(1.2 * HIGHEST_HZ * WINDOW / RATE_HZ)] + 1e-12)
        loud = level_db.max(axis=1) > level_db.max() - 30.0
        peaks = scipy.ndimage.percentile_filter(level_db[loud], 95, size=(1, AROUND))
        between = scipy.ndimage.percentile_filter(level_db[loud], 25, size=(1, AROUND))
        lines = slice(int(LOWEST_HZ * WINDOW / RATE_HZ), int(HIGHEST_HZ * WINDOW / RATE_HZ))
        found.append((peaks - between)[:, lines].mean())
    return float(np.mean(found))
