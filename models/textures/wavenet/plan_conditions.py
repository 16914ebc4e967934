"""What a plan tells a WaveNet, 16 ms by 16 ms: levels along frequency, and the predictor that follows from them.

LPCNet (Valin and Skoglund 2019, https://arxiv.org/abs/1810.11846) takes its linear prediction from the spectrum that
it is told, not from what it has drawn. So does this: a predictor of the past it made itself holds its own mistakes,
and grows noisier with every block; one that is told does not know them. Its error on real sound is the same.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from models.textures.audio.linear_prediction import compiled, levinson
from models.textures.audio.mu_law import EMPHASIS, GAIN, RATE_HZ
from models.textures.spectral.arithmetic import add_product, exponentials, logarithm
from models.textures.spectral.bands import CENTRES_HZ, log_magnitudes
from models.textures.spectral.transform import RATE_HZ as PLAN_RATE_HZ
from models.textures.spectral.transform import WINDOW
from models.textures.wavenet.sizes import TOLD_SLOPE

Floats = NDArray[np.float32]
HIGHEST_HZ: Final = 7900.0
TOLD: Final = int(np.sum(CENTRES_HZ < HIGHEST_HZ))
"""Levels that are told, from the lowest band up: those that a WaveNet at 16 kHz can make sound."""
INPUTS: Final = 3 * TOLD + 1
"""Of a block, the one before and the one after, and how far the predictor errs."""
_LINES: Final = RATE_HZ // 2 * WINDOW // PLAN_RATE_HZ + 1
"""Lines of the plan's spectrum up to half of the WaveNet's rate."""
_HZ: Final = np.arange(_LINES + 1) * PLAN_RATE_HZ / WINDOW
_EMPHASIS: Final = (GAIN * np.abs(1.0 - EMPHASIS * np.exp(-2j * np.pi * _HZ / RATE_HZ))) ** 2
_TO_POWER: Final = 8.0 / (3.0 * WINDOW) * (RATE_HZ / PLAN_RATE_HZ)
"""From squared magnitudes under a Hann window at the plan's rate to the power of values at the WaveNet's."""
WHITE_NOISE: Final = 1e-4
"""Added to the power, so that nothing below the noise of the classes (-40 dB) is foretold."""
LEAST_POWER: Final = 1e-6


def predictors(levels: Floats, order: int) -> tuple[Floats, Floats]:
    """Predictors [blocks x order] of the coded values, the last tap the latest's, for levels [blocks x BANDS].

    And the natural logarithm of the error that each leaves, as RMS of coded values [blocks].
    """
    lines = np.float32(2.0) * log_magnitudes(levels)[:, :_LINES].ravel()
    exponentials(lines, len(lines))
    power = lines.reshape(len(levels), _LINES).astype(np.float64)
    power = np.concatenate([power, power[:, -1:]], axis=1) * _EMPHASIS
    lags = scipy.fft.irfft(power, axis=1)[:, : order + 1] * _TO_POWER
    lags[:, 0] = lags[:, 0] * (1.0 + WHITE_NOISE) + LEAST_POWER
    return _solved(lags)


@compiled
def _solved(lags: Any) -> Any:
    taps = np.zeros((len(lags), lags.shape[1] - 1), np.float32)
    errors = np.zeros(len(lags), np.float32)
    for block in range(len(lags)):
        taps[block], error = levinson(lags[block])
        errors[block] = 0.5 * logarithm(error)
    return taps, errors


def inputs(levels: Floats, errors: Floats) -> Floats:
    """What the network is told [blocks x INPUTS] for levels [blocks x BANDS] and the predictors' `errors` [blocks]."""
    told = np.pad(levels[:, :TOLD], ((1, 1), (0, 0)), mode="edge")
    return np.concatenate([told[1:-1], told[:-2], told[2:], errors[:, None] / 2.0 + 2.0], axis=1).astype(np.float32)


def features(told: Floats, matrix: Floats, bias: Floats) -> Floats:
    """What the network makes of what it is told: conditions [blocks x conditions] of told [blocks x INPUTS]."""
    made = np.empty((len(told), len(bias)), np.float32)
    for own, given in zip(made, told, strict=True):
        own[:] = bias
        add_product(own, given, matrix)
    return np.where(made > 0, made, np.float32(TOLD_SLOPE) * made)
