"""What a plan tells a network of waves, 16 ms by 16 ms: levels along frequency, and the predictor that follows.

LPCNet (Valin and Skoglund 2019, https://arxiv.org/abs/1810.11846) takes its linear prediction from the spectrum that
it is given, not from what it has drawn. So does this: a predictor of the network's own past holds its mistakes, and
grows noisier with every block; a predictor of the plan does not know them. Its error on real sound is the same.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.common.vectors import put
from models.textures.audio.linear_prediction import levinson
from models.textures.audio.mu_law import EMPHASIS, GAIN, RATE_HZ
from models.textures.products.panels import CONDITION_SLOPE
from models.textures.spectral.arithmetic import add_product, compiled, exponentials, logarithm, sine_cosine
from models.textures.spectral.bands import CENTRES_HZ, log_magnitudes
from models.textures.spectral.transform import RATE_HZ as PLAN_RATE_HZ
from models.textures.spectral.transform import WINDOW

Floats = NDArray[np.float32]
HIGHEST_HZ: Final = 7900.0
HEARD_LEVELS: Final = int(np.sum(CENTRES_HZ < HIGHEST_HZ))
"""Levels that a network is given, from the lowest band up: those that one at 16 kHz can make sound."""
INPUTS: Final = 3 * HEARD_LEVELS + 1
"""Of a block, the one before and the one after, and how far the predictor errs."""
_LINES: Final = RATE_HZ // 2 * WINDOW // PLAN_RATE_HZ + 1
"""Lines of the plan's spectrum up to half of the network's rate."""
_TO_POWER: Final = 8.0 / (3.0 * WINDOW) * (RATE_HZ / PLAN_RATE_HZ)
"""From squared magnitudes under a Hann window at the plan's rate to the power of values at the network's."""
WHITE_NOISE: Final = 1e-4
"""Added to the power, so that nothing below the noise of the classes (-40 dB) is predicted."""
LEAST_POWER: Final = 1e-6


def predictors(levels: Floats, order: int) -> tuple[Floats, Floats]:
    """Predictors [blocks x order] of the coded values, the last tap the latest's, for levels [blocks x BANDS].

    And the natural logarithm of the error that each leaves, as RMS of coded values [blocks].
    """
    lines = np.float32(2.0) * log_magnitudes(levels)[:, :_LINES].ravel()
    exponentials(lines, len(lines))
    power = lines.reshape(len(levels), _LINES).astype(np.float64)
    lags = np.zeros((len(levels), order + 1))
    correlate(power, lags)
    lags *= _TO_POWER
    lags[:, 0] = lags[:, 0] * (1.0 + WHITE_NOISE) + LEAST_POWER
    return _solved(lags)


@compiled
def correlate(power: Any, lags: Any) -> None:
    """lags [blocks x lags] += autocorrelations of values whose spectra have `power` [blocks x lines] before emphasis.

    An inverse Fourier transform written out: a library's is rounded as the processor's vectors have it.
    """
    lines, period = power.shape[1], 2 * power.shape[1]
    cosines = np.empty(period)
    for n in range(period):
        cosines[n] = sine_cosine(2.0 * np.pi * n / period)[1]
    weights = np.empty((lines, lags.shape[1]))
    for m in range(lines):
        emphasis = GAIN * GAIN * (1.0 + EMPHASIS * EMPHASIS - 2.0 * EMPHASIS * cosines[m])
        share = (2.0 if m else 1.0) * emphasis / period
        for lag in range(lags.shape[1]):
            weights[m, lag] = share * cosines[m * lag % period]
    last = GAIN * GAIN * (1.0 + EMPHASIS) ** 2 / period
    for block in range(len(power)):
        add_product(lags[block], power[block], weights)
        for lag in range(lags.shape[1]):  # the line at half of the rate, which is the one before it again
            lags[block, lag] += (last if lag % 2 == 0 else -last) * power[block, lines - 1]


@compiled
def _solved(lags: Any) -> Any:
    taps = np.zeros((len(lags), lags.shape[1] - 1), np.float32)
    errors = np.zeros(len(lags), np.float32)
    for block in range(len(lags)):
        own, error = levinson(lags[block])
        put(own, taps[block])
        errors[block] = 0.5 * logarithm(error)
    return taps, errors


def inputs(levels: Floats, errors: Floats) -> Floats:
    """The network's inputs [blocks x INPUTS] for levels [blocks x BANDS] and the predictors' `errors` [blocks]."""
    own = np.pad(levels[:, :HEARD_LEVELS], ((1, 1), (0, 0)), mode="edge")
    return np.concatenate([own[1:-1], own[:-2], own[2:], errors[:, None] / 2.0 + 2.0], axis=1).astype(np.float32)


def features(given: Floats, matrix: Floats, bias: Floats) -> Floats:
    """The network's conditions [blocks x conditions] of what it is given [blocks x INPUTS]."""
    made = np.empty((len(given), len(bias)), np.float32)
    for own, block in zip(made, given, strict=True):
        own[:] = bias
        add_product(own, block, matrix)
    return np.where(made > 0, made, np.float32(CONDITION_SLOPE) * made)
