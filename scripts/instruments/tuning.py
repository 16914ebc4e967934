"""How far a recording of a note is from its pitch."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_MOST_CENTS: Final = 60
_PARTIALS: Final = 5


def cents_off(sound: NDArray[np.float32], rate_hz: int, pitch: int) -> float:
    """Cents by which `sound` [frames] is above equal temperament: where its first partials are strongest together."""
    frames = min(len(sound), 2 * rate_hz)
    power = np.abs(np.fft.rfft(sound[:frames] * np.hanning(frames), 8 * frames)) ** 2
    step_hz = rate_hz / (8 * frames)
    offsets = np.arange(-_MOST_CENTS, _MOST_CENTS + 1)
    hz = 440.0 * 2 ** ((pitch - 69) / 12 + offsets / 1200)
    strength = np.zeros(len(offsets))
    for partial in range(1, _PARTIALS + 1):
        lines = np.round(partial * hz / step_hz).astype(int)
        if lines.max() < len(power):
            strength += np.sqrt(power[lines])
    return float(offsets[int(np.argmax(strength))])
