"""Linear prediction predicts what is tonal, from the past alone, the same whether asked at once or piece by piece."""

import numpy as np
import pytest
import scipy.linalg

from models.textures.audio.linear_prediction import (
    LEVEL_VALUES,
    LEVELS,
    SILENT_LEVEL,
    WHITE_NOISE,
    WIDTHS,
    WINDOW,
    level_of,
    predicted_levels,
    predictors,
)
from models.textures.audio.mu_law import BLOCK_FRAMES, CLASSES, RATE_HZ, SILENCE, compress, expand

ORDER = 64


def chord(seconds: float, level: float = 0.1) -> np.ndarray:
    """Three partials, as classes, a whole number of blocks."""
    t = np.arange(int(seconds * RATE_HZ) // BLOCK_FRAMES * BLOCK_FRAMES) / RATE_HZ
    return compress(level * sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.18, 1318.5)))


def test_a_chord_is_predicted_far_better_than_by_its_last_value() -> None:
    classes = chord(1.0)
    levels = predicted_levels(classes, ORDER)
    heard = slice(WINDOW, None)
    missed = expand(classes)[heard] - LEVEL_VALUES[levels[heard]]
    repeated = np.diff(expand(classes))[WINDOW - 1 :]
    assert np.std(missed) < 0.25 * np.std(repeated)


def test_what_comes_later_does_not_change_what_was_predicted() -> None:
    classes = chord(0.5)
    other = classes.copy()
    other[5 * BLOCK_FRAMES + 7 :] = 200
    same = slice(5 * BLOCK_FRAMES + 8)
    assert np.array_equal(predicted_levels(classes, ORDER)[same], predicted_levels(other, ORDER)[same])


def test_piece_by_piece_is_the_same_as_at_once() -> None:
    classes = chord(1.0)
    cut = 20 * BLOCK_FRAMES
    rest = predicted_levels(classes[cut:], ORDER, expand(classes[cut - WINDOW : cut]))
    assert np.array_equal(rest, predicted_levels(classes, ORDER)[cut:])


def test_silence_foretells_silence() -> None:
    levels = predicted_levels(np.full(4 * BLOCK_FRAMES, SILENCE, np.uint8), ORDER).astype(int)
    assert np.all(np.abs(levels - SILENT_LEVEL) <= 2)
    assert level_of(0.0) == SILENT_LEVEL


def test_the_recursion_solves_the_normal_equations() -> None:
    heard = np.random.default_rng(2).standard_normal((2, WINDOW)).astype(np.float32).cumsum(axis=1) * 0.01
    taps = predictors(heard, 8)
    shape = np.concatenate(
        [
            np.sin(0.5 * np.pi * np.arange(WINDOW * 9 // 10) / (WINDOW * 9 // 10)),
            np.cos(0.5 * np.pi * np.arange(WINDOW - WINDOW * 9 // 10) / (WINDOW - WINDOW * 9 // 10)),
        ]
    )
    for one, found in zip(heard, taps, strict=True):
        windowed = one.astype(np.float64) * shape
        power = np.array([windowed[lag:] @ windowed[: WINDOW - lag] for lag in range(9)])
        lifted = np.concatenate([power[:1] * (1 + WHITE_NOISE), power[1:8]])
        assert found[::-1] == pytest.approx(scipy.linalg.solve_toeplitz(lifted, power[1:]), abs=2e-3)


def test_levels_are_quarters_of_classes() -> None:
    for number in (0, 1, 17, 128, 200, 255):
        level = number * (LEVELS - 1) / (CLASSES - 1)
        assert level_of(float(expand(np.array(number)))) == pytest.approx(level, abs=0.51)
    assert [level_of(value) for value in (-3.0, 3.0)] == [0, LEVELS - 1]
    assert np.all(np.diff(LEVEL_VALUES) > 0)
    between = np.diff(expand(np.arange(CLASSES)))
    assert WIDTHS[:-1] == pytest.approx(between, rel=0.03)
