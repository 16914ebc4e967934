"""A sketch: the plan as values, with phases found for it, which what a network draws keeps to.

Levels say how loud a partial is, not where it is in its swing. Drawn from levels and linear prediction alone, the phase
of each partial wanders, and a tone becomes a narrow band of noise: over half a second it stands 17 to 21 dB out of its
surroundings where real ones stand 27. `models.textures.spectral.phases` finds phases that hold. So linear prediction is
told them: it expects of the next value that of the sketch, and only of how far the values before were away from theirs
what predictors make of it. Of real sound that leaves 6 dB less to be drawn. As a filter that leaks does, it forgets how
far away they were within some 20 ms: a drawn tone cannot leave the sketch's for good.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.textures.audio.mu_law import EMPHASIS, GAIN, RATE_HZ
from models.textures.spectral.arithmetic import compiled
from models.textures.spectral.phases import ROUNDS, sounding
from models.textures.spectral.transform import RATE_HZ as PLAN_RATE_HZ

Floats = NDArray[np.float32]
RATIO: Final = PLAN_RATE_HZ // RATE_HZ
REACH: Final = 12 * RATIO
"""Frames on each side of one that have a say in it when the rate falls."""
_KAISER: Final = 6.0
_EXACT: Final = 2.0**30
MEMORY: Final = 0.997
"""Of how far values were away, so much is left one value later."""


def fading(taps: Floats, memory: float) -> Floats:
    """Predictors [blocks x order], the last tap the latest value's, that forget what lies further back."""
    distance = np.arange(taps.shape[1], 0.0, -1.0)
    return (taps * memory**distance).astype(np.float32)


def sketch_of(levels: Floats, rng: np.random.Generator) -> Floats:
    """Coded values [blocks * 256] of a plan's levels [blocks x BANDS], with phases that `rng` begins."""
    return coded(sounding(levels, ROUNDS, rng))


def coded(sound: Floats) -> Floats:
    """Sound at the plan's rate [frames] as values at the network's, pre-emphasised [frames / 3], before classes."""
    low = np.zeros(len(sound) // RATIO)
    thin(np.pad(sound.astype(np.float64), (REACH, REACH)), low_pass(), low)
    before = np.concatenate([[0.0], low[:-1]])
    return (GAIN * (low - EMPHASIS * before)).astype(np.float32)


@cache
def low_pass() -> NDArray[np.float64]:
    """A window of Kaiser over the ideal one; rounded, for a library's sines differ from processor to processor."""
    distance = np.arange(-REACH, REACH + 1)
    taps = np.sinc(distance / RATIO) / RATIO * np.kaiser(2 * REACH + 1, _KAISER)
    return np.round(taps / taps.sum() * _EXACT) / _EXACT


@compiled
def thin(sound: Any, taps: Any, out: Any) -> None:
    """out [n / 3] = every third of `sound` [n + 2 * REACH], through `taps` [2 * REACH + 1]."""
    for n in range(len(out)):
        total = 0.0
        for k in range(len(taps)):
            total += sound[RATIO * n + k] * taps[k]
        out[n] = total
