"""What a recording holds around a fault: silence, clicks, level."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, oaconvolve

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.supervision.monitoring.audible import DC_DB, LOUD_DB, SOUNDING_DB, STUCK_DB

Audio = NDArray[np.float32]

SILENT: Final = 1e-6
"""-120 dB: music with reverberation is never below it, a recording of 24 bits has nothing but zeros there."""
CLICK_ABOVE_HZ: Final = 16_000
LIMIT_DB: Final = -1.2
"""The room's limiter keeps true peaks below it."""
_WINDOW_FRAMES: Final = 16_384
"""As the room itself measures what leaves it."""
_SAME_DB: Final = 1e-5
_FILTER: Final = firwin(255, CLICK_ABOVE_HZ, window=("kaiser", 14.0), pass_zero=False, fs=SAMPLE_RATE_HZ)
_OF_A_STEP: Final = float(np.abs(np.cumsum(_FILTER)).max())
"""What the filter makes of a step from 0 to 1."""


def longest_gap_frames(audio: Audio) -> int:
    """The longest run of frames in which both channels of float32[frames, 2] are silent."""
    sounding = np.flatnonzero(np.abs(audio).max(axis=1) > SILENT)
    edges = np.concatenate([[-1], sounding, [len(audio)]])
    return int(np.diff(edges).max()) - 1


def discontinuity_db(audio: Audio) -> float:
    """The largest discontinuity, as the height of a step: 0 dB is one from silence to full scale.

    What music has above 16 kHz hides smaller ones, so the mood that is played for it has next to nothing there.
    """
    if len(audio) <= len(_FILTER):
        return -200.0
    high = oaconvolve(audio.astype(np.float64), _FILTER[:, None], mode="valid", axes=0)
    return float(20 * np.log10(np.abs(high).max() / _OF_A_STEP + 1e-10))


def peak_db(audio: Audio) -> float:
    return float(20 * np.log10(np.abs(audio).max(initial=0.0) + 1e-10))


def wrong_s(audio: Audio) -> float:
    """For how long float32[frames, 2] is what the ear of the installation calls no music, window by window.

    Too loud, a direct current, one value that stands still, or the very same level again. Silence is counted apart.
    """
    whole = len(audio) // _WINDOW_FRAMES * _WINDOW_FRAMES
    windows = audio[:whole].reshape(-1, _WINDOW_FRAMES, 2).astype(np.float64)
    level_db = _db(np.sqrt((windows**2).mean(axis=1))).max(axis=1)
    still_db = _db(np.abs(windows.mean(axis=1))).max(axis=1)
    sounds = level_db > SOUNDING_DB
    same = np.abs(np.diff(level_db, prepend=-200.0)) < _SAME_DB
    wrong = (level_db > LOUD_DB) | (still_db > DC_DB) | (sounds & ((still_db > level_db - STUCK_DB) | same))
    return float(wrong.sum()) * _WINDOW_FRAMES / SAMPLE_RATE_HZ


def _db(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(20 * np.log10(value + 1e-10))


def frames_between(audio: Audio, begins_s: float, from_s: float, to_s: float) -> Audio:
    """The part of a recording that began at `begins_s` which was played between two times."""
    start, end = (max(0, round((time_s - begins_s) * SAMPLE_RATE_HZ)) for time_s in (from_s, to_s))
    return audio[start:end]
