"""Sound as spectra, one every 16 ms at 48 kHz, and back. Windows are centred on their frame, phases on the window."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.textures.spectral.arithmetic import compiled
from models.textures.spectral.fourier import real_frames, real_spectra

RATE_HZ: Final = 48_000
HOP: Final = 768
"""16 ms: a block of the WaveNet at 16 kHz."""
WINDOW: Final = 4096
BINS: Final = WINDOW // 2 + 1
_BELL: Final = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
_AT_ONCE: Final = 64
"""Frames, so that what is between two steps of the work stays in the processor's cache."""


def spectra(sound: NDArray[np.floating]) -> NDArray[np.complex64]:
    """Spectra [frames x BINS] of a sound [frames * HOP]; frame n is centred on n * HOP."""
    padded = np.pad(np.asarray(sound, np.float32), (WINDOW // 2, WINDOW // 2))
    out = np.empty((1 + (len(padded) - WINDOW) // HOP, BINS), np.complex64)
    grains = np.empty((_AT_ONCE, WINDOW), np.float32)
    for first in range(0, len(out), _AT_ONCE):
        count = min(_AT_ONCE, len(out) - first)
        _cut(padded[first * HOP :], _BELL, HOP, grains[:count])
        out[first : first + count] = real_spectra(grains[:count])
    return out


def sound_of(spectra: NDArray[np.complexfloating]) -> NDArray[np.float32]:
    """The sound [frames * HOP] whose spectra are nearest to `spectra` [frames x BINS] (Griffin and Lim 1984)."""
    total = np.zeros((2, len(spectra) * HOP + WINDOW), np.float32)
    for first in range(0, len(spectra), _AT_ONCE):
        _lay(real_frames(spectra[first : first + _AT_ONCE]), _BELL, HOP, total[:, first * HOP :])
    sound = total[0] / np.maximum(total[1], 1e-3)
    return sound[WINDOW // 2 : WINDOW // 2 + len(spectra) * HOP]


@compiled
def _cut(sound: Any, bell: Any, hop: int, grains: Any) -> None:
    """Grains [frames x window] of a sound under a bell; they begin at their middle."""
    half = len(bell) // 2
    for n in range(len(grains)):
        for i in range(half):
            grains[n, i] = sound[n * hop + half + i] * bell[half + i]
            grains[n, half + i] = sound[n * hop + i] * bell[i]


@compiled
def _lay(grains: Any, bell: Any, hop: int, total: Any) -> None:
    """Adds grains [frames x window], which begin at their middle, to the sound total[0] under a bell, and to total[1]
    how much of it that leaves."""
    half = len(bell) // 2
    for n in range(len(grains)):
        for i in range(half):
            total[0, n * hop + i] += grains[n, half + i] * bell[i]
            total[0, n * hop + half + i] += grains[n, i] * bell[half + i]
        for i in range(2 * half):
            total[1, n * hop + i] += bell[i] * bell[i]
