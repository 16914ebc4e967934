"""Linear prediction of each value from the many before it, with a new predictor for every block of what was heard.

A small WaveNet learns the colour of a sound long before it learns to hold a note. Linear prediction holds notes by
nature: a sum of partials predicts itself. So the network is handed a forecast of the value it is about to draw and
learns the rest, as in LPCNet (Valin and Skoglund 2019, arXiv 1810.11846); the predictor is computed backwards, from
values both sides know, as in LD-CELP (ITU-T G.728), so that nothing has to be sent or kept with the weights.
"""

from __future__ import annotations

from typing import Any, Final

import numba
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from models.textures.audio.mu_law import BLOCK_FRAMES, CLASSES, MU, expand

WINDOW: Final = 4096
"""Values that a predictor is computed from, the last quarter of a second."""
WHITE_NOISE: Final = 1e-4
"""Added to the power, so that nothing below the noise of the classes (-40 dB) is predicted."""
LEAST_POWER: Final = 1e-9
LEVELS: Final = 1024
"""Forecasts are told to a quarter of a class: 0 is the lowest value, LEVELS - 1 the highest."""
SILENT_LEVEL: Final = LEVELS // 2
LEVEL_VALUES: Final = expand(np.arange(LEVELS) * ((CLASSES - 1) / (LEVELS - 1)))
"""The value that each level stands for, float32."""
WIDTHS: Final = (np.log1p(MU) * (1.0 / MU + np.abs(expand(np.arange(CLASSES)))) * 2.0 / MU).astype(np.float32)
"""How wide each class is: by as much more likely is it to be hit."""
FIRST_SHARPNESS: Final = 4.0
"""Natural logarithm; forecasts fail by about exp(-4) to begin with."""
SPREAD_RANGE: Final = (-6.0, 10.0)
"""Bounds of the logarithms of sharpness and weight."""
_RISE: Final = WINDOW * 9 // 10
_SHAPE: Final = np.concatenate(
    [np.sin(0.5 * np.pi * np.arange(_RISE) / _RISE), np.cos(0.5 * np.pi * np.arange(WINDOW - _RISE) / (WINDOW - _RISE))]
).astype(np.float32)
"""What is recent weighs most, as in G.728's hybrid window."""

compiled = numba.njit(cache=True, nogil=True)


def predictors(heard: NDArray[np.float32], order: int) -> NDArray[np.float32]:
    """Predictor [streams x order] of what follows heard [streams x WINDOW] values; the last tap is the latest's."""
    spectrum = scipy.fft.rfft(heard * _SHAPE, 2 * WINDOW, axis=1)
    power = scipy.fft.irfft(spectrum.real**2 + spectrum.imag**2, axis=1)[:, : order + 1].astype(np.float64)
    power[:, 0] = power[:, 0] * (1.0 + WHITE_NOISE) + LEAST_POWER
    return np.stack([levinson(one)[0] for one in power])


@compiled
def levinson(power: Any) -> Any:
    """The predictor of least error for autocorrelations [order + 1] (Levinson 1947, Durbin 1960), oldest tap first;
    and the power of that error."""
    order = len(power) - 1
    taps, turned = np.zeros(order), np.zeros(order)
    error = power[0]
    for step in range(order):
        left = power[step + 1]
        for i in range(step):
            left -= taps[i] * power[step - i]
        reflection = left / error
        for i in range(step):
            turned[i] = taps[i] - reflection * taps[step - 1 - i]
        taps[:step] = turned[:step]
        taps[step] = reflection
        error *= 1.0 - reflection * reflection
    return taps[::-1].astype(np.float32), error


@compiled
def forecast(values: Any, at: int, taps: Any) -> Any:
    """The value predicted from the len(taps) `values` before index `at`, as a float64."""
    sums = np.zeros(8)
    first = at - len(taps)
    for i in range(0, len(taps), 8):
        for lane in range(8):
            sums[lane] += np.float64(values[first + i + lane]) * np.float64(taps[i + lane])
    total = 0.0
    for lane in range(8):
        total += sums[lane]
    return total


@compiled
def level_of(value: float) -> int:
    """The nearest of `LEVELS` levels, spaced as the classes are."""
    bent = np.log1p(MU * min(abs(value), 1.0)) / np.log1p(MU)
    if value < 0.0:
        bent = -bent
    return int(np.floor((bent + 1.0) / 2.0 * (LEVELS - 1) + 0.5))


@compiled
def predict_levels(values: Any, start: int, taps: Any, levels: Any) -> None:
    for step in range(len(levels)):
        levels[step] = level_of(forecast(values, start + step, taps))


def predicted_levels(
    classes: NDArray[np.uint8], order: int, before: NDArray[np.float32] | None = None
) -> NDArray[np.uint16]:
    """Levels [frames] predicted for each of the classes [frames] of a whole number of blocks, from those before it.

    `before`: the `WINDOW` values heard before the first; silence if not given.
    """
    values = np.concatenate([np.zeros(WINDOW, np.float32) if before is None else before, expand(classes)])
    levels = np.full(len(classes), SILENT_LEVEL, np.uint16)
    for start in range(0, len(classes), BLOCK_FRAMES):
        taps = predictors(values[None, start : start + WINDOW], order)[0]
        predict_levels(values, start + WINDOW, taps, levels[start : start + BLOCK_FRAMES])
    return levels
