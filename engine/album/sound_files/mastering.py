"""Bringing a mix to a loudness: one gain, and a limiter that looks ahead at true peaks.

Loudness as in ITU-R BS.1770-4 by pyloudnorm; true peaks are those of the sound at four times its rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyloudnorm
import scipy.ndimage
import soxr
from numpy.typing import NDArray

from engine.album.plan.sheet import MasterSettings

OVERSAMPLING: Final = 4
SILENT_LUFS: Final = -70.0
CLOSE_ENOUGH_LU: Final = 0.1
TOUCHES_DB: Final = 0.1
_LOOK_AHEAD_S: Final = 0.02
_MARGIN_DB: Final = 0.1
"""The limiter aims this far below the ceiling: a moving gain lifts true peaks by a few hundredths."""
_MOST_TURNS: Final = 12
_MOST_LATER_DB: Final = 3.0
"""How much the gain may still rise to make up for what the limiter takes away."""
_MOST_OVERSHOOT: Final = 2.0
"""How far a true peak can lie above the frames beside it in music, as a factor."""
_BLOCK_FRAMES: Final = 1 << 13
_EDGE_FRAMES: Final = 256
_FADE_IN_S: Final = 0.01

Sound = NDArray[np.float32]
"""[frames, 2]."""


@dataclass(frozen=True)
class Loudness:
    """What was measured of a finished sound."""

    lufs: float
    true_peak_dbtp: float
    limited: float = 0.0
    """Share of the time in which the limiter takes more than `TOUCHES_DB` away."""


def integrated_lufs(sound: Sound, rate_hz: int) -> float:
    """Gated loudness; `SILENT_LUFS` for silence and for what is shorter than a block of 0.4 s."""
    if len(sound) < 0.4 * rate_hz:
        return SILENT_LUFS
    lufs = float(pyloudnorm.Meter(rate_hz).integrated_loudness(sound))
    return max(lufs, SILENT_LUFS) if np.isfinite(lufs) else SILENT_LUFS


def true_peaks(sound: Sound, above: float = 0.0) -> NDArray[np.float32]:
    """Highest true peak of any channel at each frame, linear, [frames].

    Only where it could lie `above` that is the sound looked at between frames; elsewhere its frames' own peaks serve.
    """
    peaks = _louder_side(sound)
    for start in range(0, len(sound), _BLOCK_FRAMES):
        end = min(start + _BLOCK_FRAMES, len(sound))
        if peaks[start:end].max() * _MOST_OVERSHOOT < above:
            continue
        first, last = max(0, start - _EDGE_FRAMES), min(end + _EDGE_FRAMES, len(sound))
        fine = _louder_side(soxr.resample(sound[first:last], 1, OVERSAMPLING, "HQ"))
        fine = np.pad(fine, (0, max(0, (last - first) * OVERSAMPLING - len(fine))))
        inside = fine[(start - first) * OVERSAMPLING : (end - first) * OVERSAMPLING]
        for between in range(OVERSAMPLING):
            np.maximum(peaks[start:end], inside[between::OVERSAMPLING], out=peaks[start:end])
    return peaks


def _louder_side(sound: Sound) -> NDArray[np.float32]:
    """The larger of both channels at each frame, [frames]; ten times as quick as `max` along an axis of two."""
    size = np.abs(sound)
    return np.maximum(size[:, 0], size[:, 1])


def true_peak_dbtp(sound: Sound) -> float:
    peaks = true_peaks(sound, above=float(np.abs(sound).max()))
    return float(20 * np.log10(max(float(peaks.max()), 1e-9)))


def measured(sound: Sound, rate_hz: int) -> Loudness:
    return Loudness(integrated_lufs(sound, rate_hz), true_peak_dbtp(sound))


def mastered(mix: Sound, rate_hz: int, master: MasterSettings) -> tuple[Sound, Sound, Loudness]:
    """`mix` brought to the target under the ceiling, its ends faded; the gain per frame [frames, 1]; what came of it.

    The gain serves the stems as well: they sum to the mix afterwards as they did before.
    """
    gain = fades = _fades(len(mix), rate_hz, master.fade_out_s)
    sound = mix * fades
    limited = 0.0
    lufs = integrated_lufs(sound, rate_hz)
    if lufs > SILENT_LUFS:
        gain_db = master.target_lufs - lufs
        ceiling_dbtp = master.ceiling_dbtp - _MARGIN_DB
        peaks = true_peaks(mix, above=10 ** ((ceiling_dbtp - gain_db - _MOST_LATER_DB) / 20))
        for _ in range(_MOST_TURNS):
            moved = _limited(peaks, gain_db, ceiling_dbtp, rate_hz)
            limited = float(np.mean(moved < 10 ** ((gain_db - TOUCHES_DB) / 20)))
            gain = fades * moved[:, None]
            np.multiply(mix, gain, out=sound)
            lufs = integrated_lufs(sound, rate_hz)
            missing = master.target_lufs - lufs
            if abs(missing) < CLOSE_ENOUGH_LU:
                break
            gain_db += missing
    return sound, gain, Loudness(lufs, true_peak_dbtp(sound), limited)


def _limited(peaks: NDArray[np.float32], gain_db: float, ceiling_dbtp: float, rate_hz: int) -> NDArray[np.float32]:
    """`gain_db` as a factor per frame, lowered smoothly around every peak that would pass the ceiling.

    A minimum over twice the window that is then averaged is never above what any frame needs.
    """
    gain = np.float32(10 ** (gain_db / 20))
    needed = np.minimum(gain, np.float32(10 ** (ceiling_dbtp / 20)) / np.maximum(peaks, 1e-9))
    if needed.min() >= gain:
        return needed
    reach = round(_LOOK_AHEAD_S * rate_hz)
    lowest = scipy.ndimage.minimum_filter1d(needed, 2 * reach + 1, mode="nearest")
    smooth = scipy.ndimage.uniform_filter1d(lowest.astype(np.float64), 2 * reach + 1, mode="nearest")
    return np.asarray(np.minimum(smooth, needed), dtype=np.float32)


def _fades(frames: int, rate_hz: int, fade_out_s: float) -> Sound:
    """Ones, with a short rise at the beginning and a raised cosine at the end, [frames, 1]."""
    gain = np.ones((frames, 1), np.float32)
    for length_s, ends in ((_FADE_IN_S, gain), (fade_out_s, gain[::-1])):
        count = min(round(length_s * rate_hz), frames)
        ends[:count, 0] *= np.sin(np.linspace(0.0, np.pi / 2, count, dtype=np.float32)) ** 2
    return gain
