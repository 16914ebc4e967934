"""How a recorded note ends: faded where it was cut, and going on where its maker stopped it too early."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Sides = NDArray[np.floating[Any]]
"""[sides, frames]."""

LONGEST_S: Final = 12.0
_FADE_S: Final = 4.0
_FADE_SHARE: Final = 1 / 3
_SHORTEST_LOOP_S: Final = 0.12
_LONGEST_LOOP_S: Final = 0.4
_COMPARED_S: Final = 0.1
_GONE_DB: Final = 70.0


def faded(sides: Sides, rate_hz: int) -> Sides:
    """With an end that sinks into silence: over its last third, at most four seconds."""
    frames = sides.shape[1]
    length = round(min(_FADE_S * rate_hz, frames * _FADE_SHARE))
    fade = np.ones(frames, dtype=np.float32)
    fade[frames - length :] = np.cos(np.linspace(0, np.pi / 2, length)) ** 2
    return np.asarray(sides * fade, dtype=np.float32)


def prolonged(sides: Sides, rate_hz: int, falls_db_per_s: float) -> Sides:
    """With its last periods going round, and falling as they did before, until nothing is left of it.

    The place to go back to is where the sound was most like its end; there both are blended.
    """
    frames = sides.shape[1]
    loop, blend = _loop_frames(sides.mean(axis=0), rate_hz), round(_COMPARED_S * rate_hz)
    if loop == 0:
        return sides
    fall = 10 ** (-falls_db_per_s * np.arange(loop + blend) / rate_hz / 20)
    level = sides[:, frames - loop - blend :] / fall
    round_trip = level[:, blend:].copy()
    rise = np.linspace(0, 1, blend)
    round_trip[:, loop - blend :] = level[:, loop:] * (1 - rise) + level[:, :blend] * rise
    more = round(min(_GONE_DB / falls_db_per_s, max(0.0, LONGEST_S - frames / rate_hz)) * rate_hz)
    turns = -(-(more + blend) // loop)
    endless = np.tile(round_trip, turns)[:, : more + blend]
    start = 10 ** (-falls_db_per_s * (loop + blend) / rate_hz / 20)
    tail = endless * start * 10 ** (-falls_db_per_s * np.arange(more + blend) / rate_hz / 20)
    return np.concatenate([_up_to_seam(sides, blend, round_trip, fall, loop), tail[:, :more]], axis=1, dtype=np.float32)


def _up_to_seam(sides: Sides, blend: int, round_trip: Sides, fall: Sides, loop: int) -> Sides:
    """The recording itself, its end blended into the end of a round."""
    head = sides.copy()
    head[:, -blend:] = round_trip[:, loop - blend :] * fall[loop:]
    return head


def _loop_frames(mono: NDArray[np.float32], rate_hz: int) -> int:
    """How far back the sound was most like its end; 0 where it is too short to tell."""
    compared = round(_COMPARED_S * rate_hz)
    lags = np.arange(round(_SHORTEST_LOOP_S * rate_hz), round(_LONGEST_LOOP_S * rate_hz))
    if len(mono) < lags[-1] + 2 * compared:
        return 0
    end = mono[-compared:].astype(np.float64)
    past = mono[-compared - lags[-1] : -1].astype(np.float64)
    alike = np.correlate(past, end)[::-1]  # by lag, from 1 on
    sums = np.concatenate([[0.0], np.cumsum(past**2)])
    powers = (sums[compared:] - sums[:-compared])[::-1]
    scores = alike / np.sqrt(powers + 1e-12)
    return int(lags[int(np.argmax(scores[lags - 1]))])
