"""Sound as 256 classes: pre-emphasis, then 8-bit mu-law, and back.

Mu-law as in ITU-T G.711 in its continuous form (WaveNet, arXiv 1609.03499, section 2.2). The pre-emphasis before it
follows LPCNet (Valin and Skoglund, arXiv 1810.11846, section 3.2): quantisation noise, white in the coded signal,
comes out of the de-emphasis tilted under the music rather than as hiss above it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 16_000
BLOCK_FRAMES: Final = 256
CLASSES: Final = 256
SILENCE: Final = 128
"""The class whose value is nearest to zero."""

EMPHASIS: Final = 0.85
GAIN: Final = 3.0
"""Pre-emphasis takes about 10 dB off music whose weight is below 500 Hz; this puts it back."""

MU: Final = CLASSES - 1


def compress(sound: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Values of -1..1 to classes 0..255, finest near zero; beyond the range they are clipped."""
    clipped = np.clip(np.asarray(sound, dtype=np.float64), -1.0, 1.0)
    bent = np.sign(clipped) * np.log1p(MU * np.abs(clipped)) / np.log1p(MU)
    return np.floor((bent + 1.0) / 2.0 * MU + 0.5).astype(np.uint8)


def expand(classes: NDArray[np.integer] | NDArray[np.floating]) -> NDArray[np.float32]:
    """Classes 0..255, or places between them, to the values they stand for, -1..1."""
    bent = 2.0 * np.asarray(classes, dtype=np.float64) / MU - 1.0
    return (np.sign(bent) * np.expm1(np.abs(bent) * np.log1p(MU)) / MU).astype(np.float32)


def encode(sound: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Mono sound of shape (frames,) at `RATE_HZ`, -1..1, to classes of the same shape, pre-emphasised."""
    from scipy.signal import lfilter  # 50 MB that whoever only looks at sound does not pay for

    return compress(GAIN * lfilter([1.0, -EMPHASIS], [1.0], np.asarray(sound, dtype=np.float64)))


def decode(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values of shape (frames,), of classes or between them, back to mono sound, de-emphasised."""
    from scipy.signal import lfilter

    return np.asarray(lfilter([1.0 / GAIN], [1.0, -EMPHASIS], values.astype(np.float64)), dtype=np.float32)


def emphasis(hz: float) -> float:
    """By how much a sine of that frequency is stronger in the coded values than in the sound."""
    return float(GAIN * abs(1.0 - EMPHASIS * np.exp(-2j * np.pi * hz / RATE_HZ)))
