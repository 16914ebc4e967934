"""How far a recording of a note is from its pitch."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_MOST_CENTS: Final = 60
_PARTIALS: Final = 5
_SPREAD: Final = 3


def centre_cents(sound: NDArray[np.float32], rate_hz: int, pitch: int) -> float:
    """Cents by which the middle of `sound` [frames] is above its pitch, where many are not quite together."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    hz = np.maximum(np.fft.rfftfreq(len(sound), 1 / rate_hz), 1.0)
    wanted_hz = 440.0 * 2 ** ((pitch - 69) / 12)
    cents = np.stack([1200 * np.log2(hz / (number * wanted_hz)) for number in range(1, _SPREAD + 1)])
    near = np.abs(cents) < _MOST_CENTS
    return float((cents * power * near).sum() / (power * near).sum())


def cents_off(sound: NDArray[np.floating], rate_hz: int, pitch: int) -> float:
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
