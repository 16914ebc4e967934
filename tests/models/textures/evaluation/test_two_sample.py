"""A classifier tells unlike bodies of sound apart and not like ones; tones are told from noise."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from models.textures.audio.mu_law import RATE_HZ
from models.textures.evaluation.tonality import tonal_over_noise_db
from models.textures.evaluation.two_sample import area, boosted_trees, features


def noises(pole: float, seed: int, count: int = 8) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    white = 0.05 * rng.standard_normal((count, 6 * RATE_HZ))
    return list(scipy.signal.lfilter([1.0], [1.0, -pole], white).astype(np.float32))


def seconds_of(sounds: list[np.ndarray]) -> list[np.ndarray]:
    return [features(sound) for sound in sounds]


def test_like_bodies_are_not_told_apart_and_unlike_ones_are() -> None:
    one = seconds_of(noises(0.5, 1))
    assert area(one, seconds_of(noises(0.5, 2))) == pytest.approx(0.5, abs=0.2)
    assert area(one, seconds_of(noises(0.6, 2))) > 0.95


def test_what_moves_is_told_from_what_stands_still() -> None:
    swell = 1.0 + 0.5 * np.sin(2 * np.pi * 5 * np.arange(6 * RATE_HZ) / RATE_HZ)
    moving = [(sound * swell).astype(np.float32) for sound in noises(0.5, 2)]
    assert area(seconds_of(noises(0.5, 1)), seconds_of(moving)) > 0.95


def test_trees_tell_as_well() -> None:
    real, same, other = (seconds_of(noises(pole, seed)) for pole, seed in ((0.5, 1), (0.5, 2), (0.7, 2)))
    assert area(real, same, boosted_trees) == pytest.approx(0.5, abs=0.2)
    assert area(real, other, boosted_trees) > 0.95


def test_trees_hear_what_lies_in_no_one_direction() -> None:
    """Every second of the other body is off by as much, half of them upwards and half downwards."""
    rng = np.random.default_rng(1)
    one, other = ([rng.standard_normal((20, 32)) for _ in range(8)] for _ in range(2))
    for seconds in other:
        seconds[::2, 0] += 4.0
        seconds[1::2, 0] -= 4.0
    assert area(one, other) < 0.7
    assert area(one, other, boosted_trees) > 0.9


def test_tones_stand_over_noise() -> None:
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    tones = sum(np.sin(2 * np.pi * 110.0 * n * t) / n for n in range(1, 16))
    noise = noises(0.0, 1, 1)[0][: len(t)]
    clean, mixed, bare = (tonal_over_noise_db([0.1 * tones * a + noise * b]) for a, b in ((1, 0.01), (1, 1), (0, 1)))
    assert clean > mixed > bare
    assert bare < 15.0
