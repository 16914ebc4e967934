"""Sound as spectra, one every 16 ms at 48 kHz, and back. Windows are centred on their frame, phases on the window."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.textures.spectral.fourier import real_frames, real_spectra

RATE_HZ: Final = 48_000
HOP: Final = 768
"""16 ms: a block of the WaveNet at 16 kHz."""
WINDOW: Final = 4096
BINS: Final = WINDOW // 2 + 1
_BELL: Final = np.hanning(WINDOW + 1)[:-1].astype(np.float32)


def spectra(sound: NDArray[np.floating]) -> NDArray[np.complex64]:
    """Spectra [frames x BINS] of a sound [frames * HOP]; frame n is centred on n * HOP."""
    padded = np.pad(np.asarray(sound, np.float32), (WINDOW // 2, WINDOW // 2))
    views = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    turned = np.fft.ifftshift(views * _BELL, axes=1)
    return real_spectra(turned)


def sound_of(spectra: NDArray[np.complexfloating]) -> NDArray[np.float32]:
    """The sound [frames * HOP] whose spectra are nearest to `spectra` [frames x BINS] (Griffin and Lim 1984)."""
    grains = np.fft.fftshift(real_frames(spectra), axes=1) * _BELL
    total = np.zeros(len(spectra) * HOP + WINDOW, np.float32)
    weight = np.zeros_like(total)
    for n, grain in enumerate(grains):
        total[n * HOP : n * HOP + WINDOW] += grain
        weight[n * HOP : n * HOP + WINDOW] += _BELL**2
    sound = np.asarray(total / np.maximum(weight, 1e-3), dtype=np.float32)
    return sound[WINDOW // 2 : WINDOW // 2 + len(spectra) * HOP]
