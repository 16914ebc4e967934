"""A frame as 256 levels in dB along frequency: as fine as the spectrum up to 1.5 kHz, then evenly in pitch to 20 kHz.

Chords need single partials low down; higher up, a third of a semitone is enough to hear no difference.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.textures.spectral.transform import BINS, HOP, RATE_HZ, WINDOW, spectra

Levels = NDArray[np.float32]
BANDS: Final = 256
FINE_HZ: Final = 1500.0
HIGHEST_HZ: Final = 20_000.0
FLOOR_DB: Final = -100.0
"""Of a spectral value; a sine of full scale is at 60 dB."""
NOUGHT_DB: Final = -20.0
UNIT_DB: Final = 25.0
DB_PER_NEPER: Final = 20.0 / np.log(10.0)
_FINE: Final = int(FINE_HZ * WINDOW / RATE_HZ)
CENTRES: Final = np.concatenate(
    [
        np.arange(2.0, _FINE + 2.0),
        np.geomspace(_FINE + 1.0, HIGHEST_HZ * WINDOW / RATE_HZ, BANDS - _FINE + 1)[1:],
    ]
)
"""Place of each band, in bins of the spectrum."""
CENTRES_HZ: Final = CENTRES * RATE_HZ / WINDOW
_EDGES: Final = np.concatenate(
    [
        [CENTRES[0] - 0.5],
        0.5 * (CENTRES[1:] + CENTRES[:-1]),
        [1.5 * CENTRES[-1] - 0.5 * CENTRES[-2]],
    ]
)
_LEFT: Final = np.clip(np.searchsorted(CENTRES, np.arange(BINS)) - 1, 0, BANDS - 2)
_SHARE: Final = np.clip((np.arange(BINS) - CENTRES[_LEFT]) / (CENTRES[_LEFT + 1] - CENTRES[_LEFT]), -0.5, 1.0)
_BEYOND: Final = np.arange(BINS) > CENTRES[-1] + 3.0


def levels(sound: NDArray[np.floating]) -> Levels:
    """Levels [frames x BANDS] of mono sound at 48 kHz, a frame every `HOP`: 0 at `NOUGHT_DB`, 1 per `UNIT_DB`."""
    power = np.abs(spectra(sound)[: len(sound) // HOP]) ** 2
    sums = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1, dtype=np.float64)], axis=1)
    whole = np.minimum(_EDGES + 0.5, BINS - 1e-6)
    below = whole.astype(int)
    within = whole - below
    up_to = sums[:, below] * (1.0 - within) + sums[:, below + 1] * within
    mean_power = np.maximum((up_to[:, 1:] - up_to[:, :-1]) / np.diff(_EDGES), 1e-12)
    level_db = np.maximum(10.0 * np.log10(mean_power), FLOOR_DB)
    return ((level_db - NOUGHT_DB) / UNIT_DB).astype(np.float32)


def log_magnitudes(levels: Levels) -> NDArray[np.float32]:
    """Natural logarithms of magnitudes [frames x BINS] for levels [frames x BANDS]: straight lines between bands."""
    neper = (levels * UNIT_DB + NOUGHT_DB) / DB_PER_NEPER
    magnitudes = neper[:, _LEFT] * (1.0 - _SHARE) + neper[:, _LEFT + 1] * _SHARE
    magnitudes[:, 0] -= 3.0
    magnitudes[:, _BEYOND] = FLOOR_DB / DB_PER_NEPER
    return magnitudes.astype(np.float32)
