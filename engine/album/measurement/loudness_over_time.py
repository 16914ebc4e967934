"""Loudness over time, and how wide it ranges, by pyloudnorm.

Momentary and short-term loudness are those of EBU Tech 3341 (0.4 s and 3 s, without gates), loudness range is that of
EBU Tech 3342: from the 10th to the 95th percentile of short-term loudness, without what is 20 LU below its mean.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyloudnorm
from numpy.typing import NDArray

MOMENTARY_S: Final = 0.4
SHORT_TERM_S: Final = 3.0
STEP_S: Final = 0.1
FLOOR_LUFS: Final = -70.0
"""What is softer counts as this."""

Sound = NDArray[np.float32]
Curve = NDArray[np.float64]


def loudness_range_lu(sound: Sound, rate_hz: int) -> float:
    """LRA of `sound` [frames, channels]; 0 for what is too short or too soft to have one."""
    if len(sound) < SHORT_TERM_S * rate_hz:
        return 0.0
    lra_lu = float(pyloudnorm.Meter(rate_hz).loudness_range(sound))
    return lra_lu if np.isfinite(lra_lu) else 0.0


def loudness_curve(sound: Sound, rate_hz: int, window_s: float, step_s: float = STEP_S) -> tuple[Curve, Curve]:
    """Times in seconds, and the loudness in LUFS of the window around each."""
    padded = np.pad(sound, ((round(window_s * rate_hz / 2),) * 2, (0, 0)))
    meter = pyloudnorm.Meter(rate_hz, block_size=window_s, overlap=1.0 - step_s / window_s)
    with np.errstate(divide="ignore"):
        meter.integrated_loudness(padded)
    lufs = np.maximum(np.array(meter.blockwise_loudness), FLOOR_LUFS)
    return np.asarray(np.arange(len(lufs)) * step_s, np.float64), np.asarray(lufs, np.float64)
