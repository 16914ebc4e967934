"""From the engine's rate to that of the files."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ


def at_rate(sound: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Sound [frames, channels] from `SAMPLE_RATE_HZ` at `rate_hz`; the length is exactly in proportion."""
    if rate_hz == SAMPLE_RATE_HZ:
        return sound
    frames = round(len(sound) * rate_hz / SAMPLE_RATE_HZ)
    made = np.asarray(soxr.resample(np.asarray(sound), SAMPLE_RATE_HZ, rate_hz, "VHQ"), dtype=np.float32)
    return np.pad(made, ((0, max(0, frames - len(made))), (0, 0)))[:frames]
