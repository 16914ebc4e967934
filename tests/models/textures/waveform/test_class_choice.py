"""From scores to a class: exponentials to five digits, shares of the softmax, agreement with the forecast."""

from __future__ import annotations

import numpy as np
import pytest

from models.textures.audio.linear_prediction import LEVEL_VALUES, LEVELS
from models.textures.audio.mu_law import CLASSES
from models.textures.waveform.class_choice import (
    CLASS_EDGES,
    CLASS_VALUES,
    ONE,
    add_nearness,
    choose,
    exponentials,
    value_of,
)


def chosen(scores: np.ndarray, chance: float, temperature: float = 1.0) -> int:
    room = np.empty(CLASSES, np.float32)
    return int(choose(scores, chance, np.float32(temperature), room))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_exponentials_are_exact_to_five_digits(sign: float) -> None:
    values = np.linspace(-60.0, 60.0, 1001).astype(np.float32)
    found = np.empty_like(values)
    exponentials(values, len(values), np.float32(sign), found)
    assert found == pytest.approx(np.exp(sign * values.astype(np.float64)), rel=1e-5)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_a_chance_falls_into_a_class_by_its_share(temperature: float) -> None:
    scores = np.random.default_rng(1).standard_normal(CLASSES).astype(np.float32)
    shares = np.exp(scores / temperature)
    edges = np.cumsum(shares / shares.sum())
    middles = edges - 0.5 * shares / shares.sum()
    found = [chosen(scores, chance, temperature) for chance in middles]
    assert found == list(range(CLASSES))


def test_the_ends_of_chance_are_classes_too() -> None:
    scores = np.zeros(CLASSES, np.float32)
    assert chosen(scores, 0.0) == 0
    assert chosen(scores, np.nextafter(1.0, 0.0)) == CLASSES - 1


def test_classes_near_the_forecast_gain() -> None:
    level = LEVELS * 3 // 5
    scores, hidden = np.zeros(CLASSES, np.float32), np.zeros(8, np.float32)
    spread, spread_bias = np.zeros((8, 2), np.float32), np.array([3.0, 1.0], np.float32)
    add_nearness(scores, hidden, level, spread, spread_bias)
    miss = np.abs(CLASS_VALUES - LEVEL_VALUES[level])
    expected = (ONE - np.sqrt(ONE + (miss * np.exp(3.0)) ** 2)) * np.exp(1.0)
    assert scores == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert np.argmax(scores) == np.argmin(miss)


@pytest.mark.parametrize("chosen_class", [0, 3, 128, 200, 255])
def test_a_value_is_what_is_expected_as_far_as_its_class_holds_it(chosen_class: int) -> None:
    low, middle, high = CLASS_EDGES[chosen_class], CLASS_VALUES[chosen_class], CLASS_EDGES[chosen_class + 1]
    assert low < middle < high
    for expected, nearest in (
        (-2.0, low),
        (2.0, high),
        (float(0.75 * middle + 0.25 * low), 0.75 * middle + 0.25 * low),
    ):
        assert value_of(chosen_class, expected, np.float32(1.0)) == pytest.approx(nearest, abs=1e-6)
        assert value_of(chosen_class, expected, np.float32(0.0)) == middle
