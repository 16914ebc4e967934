"""Keeps the whole at a steady, quiet loudness: one gain for all stems, and a limiter that seldom acts.

A slow gain brings each mood to the target; a quick one evens out what remains, as a hand on the fader would. What
lifted a rest is taken back before the attack that ends it is through, or each phrase would begin with a jump.

Loudness is weighted as in ITU-R BS.1770-5, annex 1, here on the power spectrum of each step.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ

TARGET_LUFS: Final = -23.0
USUAL_GAIN_DB: Final = 12.0
"""What brings a mood with its piano at -9 dB to the target; the leveller rides about it."""
MOST_RIDE_DB: Final = 6.0
CEILING: Final = 0.6
"""Highest peak of the sum of all stems, linear: -4.4 dBFS leaves the room its own headroom."""

_GATE_LUFS: Final = -60.0
"""Below this the gain stands still: a rest is not to be pumped up."""
_LISTEN_S: Final = 3.0
_RIDE_S: Final = 6.0
_HEAR_S: Final = 0.15
_EVEN_OUT: Final = 0.9
"""Share of what remains above or below the target that the quick gain takes away: a ratio of 10 to 1, which
keeps a rest between phrases from becoming a hole."""
_MOST_QUICK_DB: Final = 18.0
_DUCK_S: Final = 0.12
_LIFT_S: Final = 0.1
_FASTEST_DB: Final = 4.0
"""Most that the quick gain follows within one step."""
_MOST_ABOVE_LU: Final = 3.0
"""A step may be so much louder than the target, as attacks are; what is beyond that, the quick gain takes away within
the step."""
_SEGMENT_FRAMES: Final = 64
_LOOK_AROUND: Final = 4
_RECOVER_DB_PER_S: Final = 12.0
SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGHPASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""Coefficients of the two weighting filters at 48 kHz (BS.1770-5, tables 1 and 2)."""


class Leveller:
    """Carries its gain from step to step; all steps have the same number of frames."""

    def __init__(self, step_frames: int) -> None:
        self._step_s = step_frames / SAMPLE_RATE_HZ
        self._weights = _weights(step_frames)
        self._power: float | None = None
        self._quick_power = 0.0
        self._quick_db = 0.0
        self._slow_db = USUAL_GAIN_DB
        self._limit: float = 1.0

    @property
    def state(self) -> dict[str, float | None]:
        """All it remembers, for `resume`."""
        return {
            "power": self._power,
            "quick_power": self._quick_power,
            "quick_db": self._quick_db,
            "slow_db": self._slow_db,
            "limit": self._limit,
        }

    def resume(self, state: Mapping[str, float | None]) -> None:
        """Go on from what `state` gave. Raises KeyError where something is missing."""
        self._power = state["power"]
        self._quick_power, self._quick_db = state["quick_power"] or 0.0, state["quick_db"] or 0.0
        self._slow_db = USUAL_GAIN_DB if state["slow_db"] is None else state["slow_db"]
        self._limit = 1.0 if state["limit"] is None else state["limit"]

    @property
    def gain_db(self) -> float:
        """The gain at the end of the latest step, without the limiter's."""
        return self._slow_db + self._quick_db

    def process(self, stems: NDArray[np.float32]) -> NDArray[np.float32]:
        """Apply one gain to all of `stems` [frames, 2 x stems], in place; returns their stereo sum [frames, 2]."""
        mix = (stems @ _sides(stems.shape[1])).T.copy()
        before_db = self.gain_db
        self._ride(mix)
        frames = mix.shape[1]
        gain = (10 ** (np.linspace(before_db, self.gain_db, frames) / 20)).astype(np.float32)
        mix *= gain
        limit = self._limiter(mix)
        if limit is not None:
            gain *= limit
            mix *= limit
        stems *= gain[:, None]
        return mix.T

    def _ride(self, mix: NDArray[np.float32]) -> None:
        power = float((np.abs(np.fft.rfft(mix)) ** 2 @ self._weights).sum())
        if self._power is None:
            self._power = self._quick_power = power
        self._power += self._share(_LISTEN_S) * (power - self._power)
        loudness = _lufs(self._power)
        if loudness < _GATE_LUFS:
            return
        wanted_db = USUAL_GAIN_DB + _within(MOST_RIDE_DB, TARGET_LUFS - loudness - USUAL_GAIN_DB)
        self._slow_db += self._share(_RIDE_S) * (wanted_db - self._slow_db)
        self._even_out(power)

    def _even_out(self, power: float) -> None:
        """Move the quick gain: after what was heard of late, and at once where this step would be far too loud."""
        self._quick_power += self._share(_HEAR_S) * (power - self._quick_power)
        rest_db = TARGET_LUFS - (_lufs(self._quick_power) + self._slow_db)
        quick_db = _within(_MOST_QUICK_DB, _EVEN_OUT * rest_db)
        share = self._share(_DUCK_S if quick_db < self._quick_db else _LIFT_S)
        self._quick_db += _within(_FASTEST_DB, share * (quick_db - self._quick_db))
        excess_db = _lufs(power) + self.gain_db - (TARGET_LUFS + _MOST_ABOVE_LU)
        if excess_db > 0.0:
            self._quick_db = max(-_MOST_QUICK_DB, self._quick_db - excess_db)

    def _share(self, time_s: float) -> float:
        """How far a follower with this time constant goes in one step."""
        return 1 - float(np.exp(-self._step_s / time_s))

    def _limiter(self, mix: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Gains [frames] that keep `mix` under the ceiling, or None where nothing is to be done."""
        peaks = np.abs(mix).max(axis=0).reshape(-1, _SEGMENT_FRAMES).max(axis=1)
        if peaks.max() <= CEILING and self._limit >= 1.0:
            return None
        needed = np.minimum(1.0, CEILING / np.maximum(peaks, 1e-9))
        padded = np.pad(needed, _LOOK_AROUND, mode="edge")
        lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * _LOOK_AROUND + 1).min(axis=1)
        recover = 10 ** (_RECOVER_DB_PER_S * _SEGMENT_FRAMES / SAMPLE_RATE_HZ / 20)
        # Never above what a segment needs, nor above what the one before it has recovered to. Divided by the recovery,
        # that is the lowest so far.
        recovered = recover ** np.arange(lowest.size + 1)
        points = np.minimum.accumulate(np.append(self._limit, lowest) / recovered) * recovered
        # A segment's loudest frame may lie anywhere in it, so the gain must be down when the segment begins.
        heights = np.minimum(points, np.append(lowest, lowest[-1]))
        self._limit = float(heights[-1])
        place = np.arange(mix.shape[1]) / _SEGMENT_FRAMES
        return np.interp(place, np.arange(heights.size), heights).astype(np.float32)


@cache
def _sides(channels: int) -> NDArray[np.float32]:
    """[channels, 2] what makes stereo of stems."""
    return np.tile(np.eye(2, dtype=np.float32), (channels // 2, 1))


def _weights(frames: int) -> NDArray[np.float64]:
    """Squared magnitude of the weighting filters per line of the spectrum, scaled to mean power."""
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(frames))
    powers = np.stack([np.ones_like(turn), turn, turn**2])
    response = np.ones_like(turn)
    for above, below in (SHELF, HIGHPASS):
        response *= (np.array(above) @ powers) / (np.array(below) @ powers)
    weights = np.abs(response) ** 2 * 2 / frames**2
    weights[0] /= 2
    weights[-1] /= 2
    return np.asarray(weights)


def _within(limit: float, value: float) -> float:
    return max(-limit, min(limit, value))


def _lufs(power: float) -> float:
    return -0.691 + 10 * float(np.log10(max(power, 1e-12)))
