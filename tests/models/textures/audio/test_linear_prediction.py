"""Linear prediction predicts what is tonal; its recursion solves the equations that it stands for."""

import numpy as np
import pytest
import scipy.linalg

from models.textures.audio.linear_prediction import (
    LEVEL_VALUES,
    LEVELS,
    WIDTHS,
    WINDOW,
    level_of,
    levinson,
    predict_levels,
)
from models.textures.audio.mu_law import BLOCK_FRAMES, CLASSES, RATE_HZ, compress, expand

ORDER = 64


def chord(seconds: float, level: float = 0.1) -> np.ndarray:
    """Three partials, as classes, a whole number of blocks."""
    t = np.arange(int(seconds * RATE_HZ) // BLOCK_FRAMES * BLOCK_FRAMES) / RATE_HZ
    return compress(level * sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.18, 1318.5)))


def lags_of(values: np.ndarray, order: int) -> np.ndarray:
    """Autocorrelations [order + 1], with a little white noise."""
    power = np.array([values[lag:] @ values[: len(values) - lag] for lag in range(order + 1)])
    power[0] *= 1.0 + 1e-4
    return power


def test_a_chord_is_predicted_far_better_than_by_its_last_value() -> None:
    values = expand(chord(1.0))
    taps, _ = levinson(lags_of(values.astype(np.float64), ORDER))
    levels = np.zeros(len(values) - WINDOW, np.int64)
    predict_levels(values, WINDOW, taps, np.zeros(len(levels), np.float32), levels)
    missed = values[WINDOW:] - LEVEL_VALUES[levels]
    assert np.std(missed) < 0.25 * np.std(np.diff(values)[WINDOW - 1 :])


def test_silence_predicts_silence() -> None:
    assert level_of(0.0) == LEVELS // 2


def test_the_recursion_solves_the_normal_equations() -> None:
    values = np.random.default_rng(2).standard_normal(4096).cumsum() * 0.01
    power = lags_of(values, 8)
    taps, error = levinson(power)
    solved = scipy.linalg.solve_toeplitz(power[:8], power[1:])
    assert taps[::-1] == pytest.approx(solved, abs=1e-4)
    assert error == pytest.approx(power[0] - solved @ power[1:], rel=1e-6)


def test_levels_are_quarters_of_classes() -> None:
    for number in (0, 1, 17, 128, 200, 255):
        level = number * (LEVELS - 1) / (CLASSES - 1)
        assert level_of(float(expand(np.array(number)))) == pytest.approx(level, abs=0.51)
    assert [level_of(value) for value in (-3.0, 3.0)] == [0, LEVELS - 1]
    assert np.all(np.diff(LEVEL_VALUES) > 0)
    between = np.diff(expand(np.arange(CLASSES)))
    assert WIDTHS[:-1] == pytest.approx(between, rel=0.03)
