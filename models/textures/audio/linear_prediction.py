"""Linear prediction of each value from the many before it, with another predictor every block.

A small WaveNet learns the balance of a sound long before it learns to hold a note. Linear prediction holds notes by
nature: a sum of partials predicts itself. So the network is handed a forecast of the value it is about to draw and
learns the rest, as in LPCNet (Valin and Skoglund 2019, https://arxiv.org/abs/1810.11846). The predictors come from
`models.textures.waveform.plan_conditions`. All of it is float64 in one order, without a library's logarithm: a forecast
that differs in its last bit from one processor to the next would make another texture.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.common.compiled import inner
from models.textures.audio.mu_law import CLASSES, MU, expand
from models.textures.spectral.arithmetic import compiled, logarithm

WINDOW: Final = 1024
"""Values that are kept for a predictor; none is longer."""
LEVELS: Final = 1024
"""Forecasts are told to a quarter of a class: 0 is the lowest value, LEVELS - 1 the highest."""
LEVEL_VALUES: Final = expand(np.arange(LEVELS) * ((CLASSES - 1) / (LEVELS - 1)))
"""The value that each level stands for, float32."""
WIDTHS: Final = (np.log1p(MU) * (1.0 / MU + np.abs(expand(np.arange(CLASSES)))) * 2.0 / MU).astype(np.float32)
"""How wide each class is: by as much more likely is it to be hit."""
FIRST_SHARPNESS: Final = 4.0
"""Natural logarithm; forecasts fail by about exp(-4) to begin with."""
LOGARITHM_OF_CLASSES: Final = 5.545177444479562
"""Natural logarithm of 1 + `MU`."""
SPREAD_RANGE: Final = (-6.0, 10.0)
"""Bounds of the logarithms of sharpness and weight."""


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
        for i in range(step):
            taps[i] = turned[i]
        taps[step] = reflection
        error *= 1.0 - reflection * reflection
    oldest_first = np.empty(order, np.float32)
    for i in range(order):
        oldest_first[i] = taps[order - 1 - i]
    return oldest_first, error


@inner
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
    bent = logarithm(1.0 + MU * min(abs(value), 1.0)) / LOGARITHM_OF_CLASSES
    if value < 0.0:
        bent = -bent
    return int(np.floor((bent + 1.0) / 2.0 * (LEVELS - 1) + 0.5))


@compiled
def predict_levels(away: Any, start: int, taps: Any, sketch: Any, levels: Any) -> None:
    """Levels expected of values from `start` on: their `sketch`, and what is predicted of how far they are `away`."""
    for step in range(len(levels)):
        levels[step] = level_of(sketch[step] + forecast(away, start + step, taps))
