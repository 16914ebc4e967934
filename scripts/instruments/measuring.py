"""What a recording of one note is measured for: where it begins and ends, how loud it is, how it goes on."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
"""[frames, channels]."""

LONGEST_S: Final = 12.0
_BEFORE_S: Final = 0.003
_BEGUN: Final = 0.02
"""Of the peak: there the note has begun."""
_JUDGED_S: Final = 0.8
_WINDOW_S: Final = 0.1
_OVER_FLOOR_DB: Final = 6.0
_GONE_DB: Final = 66.0
_CUT_OFF_DB: Final = 40.0
_SLOPE_S: Final = 0.8
_SLOWEST_DB_PER_S: Final = 3.0


def beginning(sound: Sound, rate_hz: int) -> int:
    """The frame from which it is played: a little before it rises out of its noise."""
    loud = np.abs(sound).max(axis=1)
    return max(0, int(np.argmax(loud > _BEGUN * loud.max())) - round(_BEFORE_S * rate_hz))


def ending(sound: Sound, rate_hz: int, start: int) -> int:
    """The frame at which it has sunk into its noise, or has lasted long enough."""
    levels_db = window_levels_db(sound[start:], rate_hz)
    longest = min(len(sound), start + round(LONGEST_S * rate_hz))
    if was_cut_off(levels_db):
        return longest
    floor_db = max(levels_db.min() + _OVER_FLOOR_DB, levels_db.max() - _GONE_DB)
    heard = np.flatnonzero(levels_db > floor_db)
    last_s = (heard[-1] + 1) * _WINDOW_S
    return min(longest, start + round(last_s * rate_hz))


def was_cut_off(levels_db: NDArray[np.float64]) -> bool:
    """Whether its maker let it end while it still sounded."""
    return bool(levels_db[-1] > levels_db.max() - _CUT_OFF_DB)


def falls_db_per_s(sound: Sound, rate_hz: int) -> float:
    """How fast a note that ends while it sounds was dying away then; 0 for one that has died away."""
    levels_db = window_levels_db(sound, rate_hz)
    if not was_cut_off(levels_db):
        return 0.0
    late = levels_db[-round(_SLOPE_S / _WINDOW_S) :]
    return max(_SLOWEST_DB_PER_S, round(float(-np.polyfit(np.arange(len(late)) * _WINDOW_S, late, 1)[0]), 2))


def window_levels_db(sound: Sound, rate_hz: int) -> NDArray[np.float64]:
    """Level of every tenth of a second, both sides together, in dB of full scale."""
    window = round(_WINDOW_S * rate_hz)
    pieces = sound[: len(sound) // window * window].reshape(-1, window * sound.shape[1])
    return np.asarray(10 * np.log10((pieces.astype(np.float64) ** 2).mean(axis=1) + 1e-12))


def level_db(sound: Sound, rate_hz: int, start: int) -> float:
    """Level of its first 0.8 s in dB of full scale."""
    piece = sound[start : start + round(_JUDGED_S * rate_hz)].astype(np.float64)
    return float(10 * np.log10((piece**2).mean() + 1e-12))


def even_levels_db(pitches: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Levels that rise and fall evenly with the pitch: a parabola through `levels`, in dB."""
    return np.asarray(np.polyval(np.polyfit(pitches, levels, 2), pitches))
