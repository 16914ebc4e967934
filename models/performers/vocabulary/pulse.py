"""How steady a beat is, by the autocorrelation of onsets: 1 is a metronome, about 0.2 is playing without a pulse."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

STEP_S: Final = 0.01
WINDOW_S: Final = 12.0
"""Long enough for a dozen slow beats, short enough for a pianist's tempo to hold."""

BEAT_S: Final = (0.3, 2.0)
"""Shortest and longest beat that is looked for."""

BLUR_S: Final = 0.02
"""Standard deviation by which an onset may miss the beat and still be heard on it."""

HAS_A_BEAT: Final = 0.4
"""From this steadiness on a listener can tap along."""

LEAST_ONSETS: Final = 5

_REACH: Final = round(3 * BLUR_S / STEP_S)
_BLUR: Final = np.exp(-0.5 * (np.arange(-_REACH, _REACH + 1) * STEP_S / BLUR_S) ** 2)


def steadiness(onsets_s: NDArray[np.float64], start_s: float) -> float:
    """Highest autocorrelation, 0..1, at any beat's length, of the notes that begin within a window; 0 for too few."""
    inside = onsets_s[(onsets_s >= start_s) & (onsets_s < start_s + WINDOW_S)] - start_s
    if len(inside) < LEAST_ONSETS:
        return 0.0
    count = round(WINDOW_S / STEP_S)
    struck = np.zeros(count)
    struck[np.minimum((inside / STEP_S).astype(np.int64), count - 1)] = 1.0
    curve = np.convolve(struck, _BLUR, "same")
    curve = np.minimum(curve, 1.0)
    curve -= curve.mean()
    spectrum = np.fft.rfft(curve, 2 * count)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:count]
    lags = np.arange(round(BEAT_S[0] / STEP_S), round(BEAT_S[1] / STEP_S) + 1)
    return float(np.clip(correlation[lags].max() / max(correlation[0], 1e-9), 0.0, 1.0))
