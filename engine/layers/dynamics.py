"""Level, pan and compressor of all stems at once, in numpy: they are plain gains, ramped over each step."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.layers.manual_server import STEP_FRAMES
from engine.reel_format import SAMPLE_RATE_HZ

SILENCE_DB: Final = -60.0
SEGMENT_FRAMES: Final = 64
"""The compressor looks at peaks of this length and glides between its gains."""

_SEGMENTS: Final = STEP_FRAMES // SEGMENT_FRAMES
_ATTACK_SEGMENTS: Final = 6
_RELEASE_DB_PER_S: Final = 30.0
_RELEASE_DB: Final = _RELEASE_DB_PER_S * SEGMENT_FRAMES / SAMPLE_RATE_HZ
_LOWEST_THRESHOLD_DB: Final = -36.0
_HIGHEST_THRESHOLD_DB: Final = -12.0
_STRONGEST_SLOPE: Final = 0.75
"""1 - 1/ratio: 0.75 is 4:1."""

_RAMP: Final = np.arange(1, STEP_FRAMES + 1, dtype=np.float32) / STEP_FRAMES
_GLIDE: Final = np.linspace(0, 1, _SEGMENTS)[None, :]
_SEGMENT_RAMP: Final = (np.arange(1, SEGMENT_FRAMES + 1, dtype=np.float32) / SEGMENT_FRAMES)[None, None, :]


def gain_of_db(level_db: float) -> float:
    """Linear gain; at `SILENCE_DB` and below, nothing at all."""
    return 0.0 if level_db <= SILENCE_DB else float(10 ** (level_db / 20))


def pan_matrix(pan: float) -> NDArray[np.float64]:
    """[2, 2] so that out = matrix @ (left, right); what is panned away folds over, and a mono sound keeps its power."""
    folded, kept = np.sin(abs(pan) * np.pi / 2), np.cos(abs(pan) * np.pi / 2)
    towards_left = np.array([[1.0, folded], [0.0, kept]]) / np.sqrt(1 + folded)
    return towards_left if pan < 0 else towards_left[::-1, ::-1].copy()


class Dynamics:
    """Remembers where each stem's gains and compressor stand; `stems` stereo pairs."""

    def __init__(self, stems: int) -> None:
        self._stems = stems
        self._matrices: NDArray[np.float32] | None = None
        self._peaks_db = np.full(stems, -180.0, dtype=np.float32)
        self._wanted_db = np.zeros((stems, _ATTACK_SEGMENTS))
        self._compressor_gain = np.ones(stems, dtype=np.float32)
        self._amounts = np.zeros(stems)

    def process(
        self,
        audio: NDArray[np.float32],
        levels_db: NDArray[np.float64],
        pans: NDArray[np.float64],
        compressor: NDArray[np.float64],
        out: NDArray[np.float32],
    ) -> None:
        """Add `audio` with the gains of one step to `out`, both [2 x stems, STEP_FRAMES]; targets are [stems] each."""
        stereo = audio.reshape(self._stems, 2, STEP_FRAMES)
        squeezed = np.flatnonzero((compressor > 0) | (self._amounts > 0))
        squeeze = dict(zip(squeezed.tolist(), self._compressor_gains(stereo, squeezed, compressor), strict=True))
        gains = [gain_of_db(db) * pan_matrix(pan) for db, pan in zip(levels_db, pans, strict=True)]
        targets = np.stack(gains).astype(np.float32)
        before = targets if self._matrices is None else self._matrices
        self._matrices = targets
        for stem in np.flatnonzero(stereo.any(axis=(1, 2))).tolist():
            heard = stereo[stem] * squeeze[stem] if stem in squeeze else stereo[stem]
            _add_panned(heard, before[stem], targets[stem], out[2 * stem : 2 * stem + 2])

    def _compressor_gains(
        self, stereo: NDArray[np.float32], stems: NDArray[np.intp], amounts: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """[chosen stems, STEP_FRAMES]; a feed-forward peak compressor (Giannoulis et al., JAES 60/6, 2012), linked.

        Peaks fall off linearly in decibels, so that following them is a running maximum; the gain is smoothed over
        `_ATTACK_SEGMENTS`.
        """
        cut = stereo[stems].reshape(stems.size, 2, _SEGMENTS, SEGMENT_FRAMES)
        peaks = np.maximum(cut.max(axis=3), -cut.min(axis=3)).max(axis=1)
        fallen_db = np.arange(1, _SEGMENTS + 1, dtype=np.float32) * _RELEASE_DB
        peaks_db = np.maximum(20 * np.log10(peaks + 1e-9), self._peaks_db[stems, None] - fallen_db)
        peaks_db = np.maximum.accumulate(peaks_db + fallen_db, axis=1) - fallen_db
        self._peaks_db[stems] = peaks_db[:, -1]
        amount = self._amounts[stems, None] + (amounts - self._amounts)[stems, None] * _GLIDE
        self._amounts = amounts.copy()
        threshold_db = _HIGHEST_THRESHOLD_DB + amount * (_LOWEST_THRESHOLD_DB - _HIGHEST_THRESHOLD_DB)
        slope = amount * _STRONGEST_SLOPE
        wanted_db = -0.4 * slope * threshold_db - slope * np.maximum(0.0, peaks_db - threshold_db)
        history = np.concatenate([self._wanted_db[stems], wanted_db], axis=1)
        self._wanted_db[stems] = history[:, _SEGMENTS:]
        sums = np.cumsum(history, axis=1)
        smooth_db = (sums[:, _ATTACK_SEGMENTS:] - sums[:, :-_ATTACK_SEGMENTS]) / _ATTACK_SEGMENTS
        gains = (10 ** (smooth_db / 20)).astype(np.float32)
        starts = np.concatenate([self._compressor_gain[stems, None], gains[:, :-1]], axis=1)
        self._compressor_gain[stems] = gains[:, -1]
        ramped = starts[:, :, None] + (gains - starts)[:, :, None] * _SEGMENT_RAMP
        return ramped.reshape(stems.size, STEP_FRAMES)


def _add_panned(
    audio: NDArray[np.float32], before: NDArray[np.float32], after: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """Add `audio` [2, STEP_FRAMES] to `out`, its gain matrix [2, 2] going from `before` to `after`."""
    if np.array_equal(before, after):
        out += after @ audio
        return
    for to_side, from_side in ((0, 0), (0, 1), (1, 0), (1, 1)):
        old, new = before[to_side, from_side], after[to_side, from_side]
        if old == new == 0.0:
            continue
        out[to_side] += audio[from_side] * (new if old == new else old + (new - old) * _RAMP)
