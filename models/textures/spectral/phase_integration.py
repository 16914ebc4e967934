"""Phases for magnitudes, by phase gradient heap integration.

Reference:
  Prusa, Balazs and Sondergaard 2017, "A Noniterative Method for Reconstruction of Phase From STFT Magnitude",
    https://doi.org/10.1109/TASLP.2017.2678166

With a bell-shaped window the phase's slopes in time and frequency follow from those of the logarithm of the magnitude.
They are added up from the loudest points outwards, so that errors stay where it is quiet.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba.misc.quicksort import SMALL_QUICKSORT, make_jit_quicksort

from models.common.compiled import inner
from models.textures.spectral.arithmetic import compiled

_sort = make_jit_quicksort(is_argsort=True, is_np_array=True)
_parted, _sorted = _sort.partition, _sort.insertion_sort
_MOST_WAITING: Final = 100
"""Parts that wait to be sorted; the smaller one never does, so there are as many as a count has binary digits."""


@compiled
def integrated(level: Any, chance: Any, hop: int, window: int, bell: float, reach: float) -> Any:
    """Phases [frames x bins] for log magnitudes [frames x bins]; `chance` where they are `reach` below the loudest."""
    frames, bins = level.shape
    phases = chance.copy()
    flat = level.ravel()
    done = flat < flat.max() - reach
    # A heap, the loudest on top: levels beside places, for what lies in order is read sooner than what does not.
    loudness, places = np.empty(frames * bins + 1, np.float32), np.empty(frames * bins + 1, np.int32)
    flood(np.argmax(flat), level, done, phases, loudness, places, hop, window, bell)
    islands = np.flatnonzero(~done)
    if len(islands):
        heights = flat[islands]
        for start in order_between(-flat, -heights.max(), -heights.min()):
            if not done[start]:
                flood(start, level, done, phases, loudness, places, hop, window, bell)
    return phases


@compiled
def order_between(keys: Any, lowest: Any, highest: Any) -> Any:
    """Places of all keys [n]; those of keys from `lowest` to `highest` stand as `np.argsort` of all has them.

    Which of two equals comes first hangs on what is sorted with them, so none may be left out. But what lies outside is
    parted from the rest and let be, a tenth of the work.
    """
    places = np.arange(len(keys))
    waiting, count = np.empty((_MOST_WAITING, 2), np.int64), 1
    waiting[0, 0], waiting[0, 1] = 0, len(keys) - 1
    while count:
        count -= 1
        low, high = waiting[count]
        while high - low >= SMALL_QUICKSORT:
            middle = _parted(keys, places, low, high)
            pivot = keys[places[middle]]
            left_is_larger = middle - low >= high - middle
            if pivot >= lowest and pivot <= highest:
                waiting[count, 0], waiting[count, 1] = (low, middle - 1) if left_is_larger else (middle + 1, high)
                count += 1
            if pivot > highest or (pivot >= lowest and not left_is_larger):
                high = middle - 1
            else:
                low = middle + 1
        _sorted(keys, places, low, high)
    return places


@inner
def flood(start, level, done, phases, loudness, places, hop, window, bell):  # type: ignore[no-untyped-def]
    """Adds up phases from `start`, which gets 0, outwards over all that is not `done`, from the loudest on."""
    frames, bins = level.shape
    done[start] = True
    phases[start // bins, start % bins] = 0.0
    count = 1
    loudness[0], places[0] = level[start // bins, start % bins], start
    while count:
        at = places[0]
        count -= 1
        loudness[0], places[0] = loudness[count], places[count]
        sink(loudness, places, count)
        n, m = at // bins, at % bins
        for side in range(4):
            nn, mm = n, m
            if side == 0:
                nn = n + 1
            elif side == 1:
                nn = n - 1
            elif side == 2:
                mm = m + 1
            else:
                mm = m - 1
            if nn < 0 or mm < 0 or nn >= frames or mm >= bins or done[nn * bins + mm]:
                continue
            if mm == m:
                slopes = in_time(level, n, m, hop, window, bell) + in_time(level, nn, m, hop, window, bell)
                phases[nn, mm] = phases[n, m] + (nn - n) * 0.5 * slopes
            else:
                slopes = in_pitch(level, n, m, hop, window, bell) + in_pitch(level, n, mm, hop, window, bell)
                phases[nn, mm] = phases[n, m] + (mm - m) * 0.5 * slopes
            done[nn * bins + mm] = True
            loudness[count], places[count] = level[nn, mm], nn * bins + mm
            rise(loudness, places, count)
            count += 1


@compiled
def in_time(level: Any, n: int, m: int, hop: int, window: int, bell: float) -> float:
    """How far the phase of line m goes on from frame n to the next."""
    up, down = np.float64(level[n, min(m + 1, level.shape[1] - 1)]), np.float64(level[n, max(m - 1, 0)])
    return hop * window / bell * (up - down) / 2.0 + 2.0 * np.pi * hop * m / window


@inner
def in_pitch(level: Any, n: int, m: int, hop: int, window: int, bell: float) -> float:
    """How far the phase of frame n goes on from line m to the next."""
    after, earlier = np.float64(level[min(n + 1, level.shape[0] - 1), m]), np.float64(level[max(n - 1, 0), m])
    return -bell / (hop * window) * (after - earlier) / 2.0


@inner
def rise(loudness: Any, places: Any, place: int) -> None:
    """Lets the entry at `place` of a heap, the loudest on top, come up to where it belongs."""
    own, what = loudness[place], places[place]
    while place:
        above = (place - 1) // 2
        if loudness[above] >= own:
            break
        loudness[place], places[place] = loudness[above], places[above]
        place = above
    loudness[place], places[place] = own, what


@compiled
def sink(loudness: Any, places: Any, count: int) -> None:
    """Lets the entry on top of a heap of `count` go down to where it belongs."""
    own, what, place = loudness[0], places[0], 0
    while True:
        below = 2 * place + 1
        if below >= count:
            break
        if below + 1 < count and loudness[below + 1] > loudness[below]:
            below += 1
        if own >= loudness[below]:
            break
        loudness[place], places[place] = loudness[below], places[below]
        place = below
    loudness[place], places[place] = own, what
