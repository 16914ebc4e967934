"""From scores to a class: exponentials as vectors, agreement with the forecast, and the choice itself."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.common.compiled import inner
from models.textures.audio.linear_prediction import LEVEL_VALUES, SPREAD_RANGE
from models.textures.audio.mu_law import CLASSES, expand
from models.textures.products.kernel_products import compiled
from models.textures.spectral.arithmetic import exponential

SHARE: Final = 16
LOG2_E: Final = np.float32(1.4426950408889634)
LN_2: Final = np.float32(0.6931471805599453)
LOWEST: Final = np.float32(-126.0)
HIGHEST: Final = np.float32(126.0)
ROUNDING: Final = np.float32(127.5)
BIAS: Final = np.float32(127.0)
ONE: Final = np.float32(1.0)
CLASS_VALUES: Final = expand(np.arange(CLASSES))
CLASS_EDGES: Final = expand(np.arange(CLASSES + 1) - 0.5)
LEAST_SPREAD, MOST_SPREAD = (np.float32(bound) for bound in SPREAD_RANGE)
SERIES: Final = tuple(np.float32(1.0 / n) for n in (1, 2, 6, 24, 120, 720))


@inner
def exponential_of(x):  # type: ignore[no-untyped-def]
    """exp(x), float32: two to the whole part by its bits, the rest by its series."""
    y = min(max(x * LOG2_E, LOWEST), HIGHEST)
    whole = np.int32(y + ROUNDING)
    f = (y - (np.float32(whole) - BIAS)) * LN_2
    tail = SERIES[3] + f * (SERIES[4] + f * SERIES[5])
    series = ONE + f * (SERIES[0] + f * (SERIES[1] + f * (SERIES[2] + f * tail)))
    return series * np.int32(whole << np.int32(23)).view(np.float32)


@compiled
def exponentials(values, count, sign, fractions):  # type: ignore[no-untyped-def]
    """fractions[:count] = exp(sign * values[:count])"""
    for i in range(count):
        fractions[i] = exponential_of(sign * values[i])


@inner
def _highest(scores, lanes):  # type: ignore[no-untyped-def]
    """The highest score, lane by lane first, so that comparisons need not wait for each other."""
    for i in range(SHARE):
        lanes[i] = scores[i]
    for part in range(SHARE, CLASSES, SHARE):
        for i in range(SHARE):
            lanes[i] = max(lanes[i], scores[part + i])
    highest = lanes[0]
    for i in range(SHARE):
        highest = max(highest, lanes[i])
    return highest


@inner
def share(weights, part):  # type: ignore[no-untyped-def]
    """Sum of `SHARE` weights; the classes are summed in parts so that the additions need not wait for each other."""
    total = 0.0
    for i in range(part, part + SHARE):
        total += np.float64(weights[i])
    return total


@compiled
def choose(scores, chance, temperature, weights):  # type: ignore[no-untyped-def]
    """The class whose share of the softmax of scores / temperature the chance 0..1 falls in; scores are used up.

    weights: room for as many.
    """
    highest = _highest(scores, weights)
    for i in range(CLASSES):
        weights[i] = exponential_of((scores[i] - highest) / temperature)
    everything = 0.0
    for part in range(0, CLASSES, SHARE):
        everything += share(weights, part)
    wanted, running = chance * everything, 0.0
    for part in range(0, CLASSES, SHARE):
        here = share(weights, part)
        if running + here > wanted:
            for i in range(part, part + SHARE):
                running += np.float64(weights[i])
                if running > wanted:
                    return i
            return part + SHARE - 1
        running += here
    return CLASSES - 1


@compiled
def add_nearness(scores, hidden, level, spread, spread_bias):  # type: ignore[no-untyped-def]
    """Adds to a stream's scores how well each class agrees with the forecast, as `waveform.torch_functions.nearness`.

    hidden: [hidden], spread: [hidden x 2].
    """
    sharpness, weight = spread_bias[0], spread_bias[1]
    for i in range(len(hidden)):
        sharpness += hidden[i] * spread[i, 0]
        weight += hidden[i] * spread[i, 1]
    sharpness = exponential(min(max(sharpness, LEAST_SPREAD), MOST_SPREAD))
    weight = exponential(min(max(weight, LEAST_SPREAD), MOST_SPREAD))
    predicted = LEVEL_VALUES[level]
    for i in range(CLASSES):
        away = (CLASS_VALUES[i] - predicted) * sharpness
        scores[i] += (ONE - np.sqrt(ONE + away * away)) * weight


@inner
def value_of(chosen, expected, fineness):  # type: ignore[no-untyped-def]
    """The value of a class: its middle at a fineness of 0; at 1 the nearest to what is expected that it holds."""
    middle = CLASS_VALUES[chosen]
    nearest = min(max(np.float32(expected), CLASS_EDGES[chosen]), CLASS_EDGES[chosen + 1])
    return middle + fineness * (nearest - middle)
