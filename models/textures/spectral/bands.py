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
FINE_BINS: Final = _FINE + 2
"""Below, each line of the spectrum has a band of its own."""
_EXACT: Final = 2.0**30
CENTRES: Final = (
    np.round(
        _EXACT
        * np.concatenate(
            [
                np.arange(2.0, _FINE + 2.0),
                np.geomspace(_FINE + 1.0, HIGHEST_HZ * WINDOW / RATE_HZ, BANDS - _FINE + 1)[1:],
            ]
        )
    )
    / _EXACT
)
"""Place of each band, in bins of the spectrum; rounded, for a library's powers differ from processor to processor."""
CENTRES_HZ: Final = CENTRES * RATE_HZ / WINDOW
_EDGES: Final = np.concatenate(
    [
        [CENTRES[0] - 0.5],
        0.5 * (CENTRES[1:] + CENTRES[:-1]),
        [1.5 * CENTRES[-1] - 0.5 * CENTRES[-2]],
    ]
)
_WHOLE: Final = np.minimum(_EDGES + 0.5, BINS - 1e-6)
_BELOW: Final = _WHOLE.astype(int)
_WITHIN: Final = _WHOLE - _BELOW
_WIDTHS: Final = np.diff(_EDGES)
LEAST_POWER: Final = 1e-12
_LEFT: Final = np.clip(np.searchsorted(CENTRES, np.arange(BINS)) - 1, 0, BANDS - 2)
_SHARE: Final = np.clip((np.arange(BINS) - CENTRES[_LEFT]) / (CENTRES[_LEFT + 1] - CENTRES[_LEFT]), -0.5, 1.0)
TOP_BIN: Final = int(CENTRES[-1] + 3.0) + 1
"""From here on nothing sounds."""

TABLES: Final = (_BELOW, _WITHIN, _WIDTHS, _LEFT, _SHARE)
"""For compiled loops: between which lines each band begins, how wide it is, and which bands a line lies between."""


def levels(sound: NDArray[np.floating]) -> Levels:
    """Levels [frames x BANDS] of mono sound at 48 kHz, a frame every `HOP`: 0 at `NOUGHT_DB`, 1 per `UNIT_DB`."""
    power = np.abs(spectra(sound)[: len(sound) // HOP]) ** 2
    level_db = np.maximum(10.0 * np.log10(band_powers(power)), FLOOR_DB)
    return ((level_db - NOUGHT_DB) / UNIT_DB).astype(np.float32)


def band_powers(power: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean power in each band [frames x BANDS] for powers of lines [frames x BINS], `LEAST_POWER` at least."""
    sums = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1, dtype=np.float64)], axis=1)
    up_to = sums[:, _BELOW] * (1.0 - _WITHIN) + sums[:, _BELOW + 1] * _WITHIN
    return np.maximum((up_to[:, 1:] - up_to[:, :-1]) / _WIDTHS, LEAST_POWER)


def between_bands(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Values [frames x BINS] on straight lines between those of the bands [frames x BANDS]."""
    return values[:, _LEFT] * (1.0 - _SHARE) + values[:, _LEFT + 1] * _SHARE


def log_magnitudes(levels: Levels) -> NDArray[np.float32]:
    """Natural logarithms of magnitudes [frames x BINS] for levels [frames x BANDS]: straight lines between bands."""
    neper = (levels * UNIT_DB + NOUGHT_DB) / DB_PER_NEPER
    magnitudes = between_bands(neper)
    magnitudes[:, 0] -= 3.0
    magnitudes[:, TOP_BIN:] = FLOOR_DB / DB_PER_NEPER
    return magnitudes.astype(np.float32)
