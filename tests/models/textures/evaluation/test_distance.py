"""Distances in colour, between sounds whose order is known."""

from __future__ import annotations

import numpy as np
import scipy.signal

from models.textures.audio.mu_law import RATE_HZ
from models.textures.evaluation.distance import distance_db, mel_bands


def hum(base_hz: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    partials = [np.sin(2 * np.pi * base_hz * n * t + rng.random() * 6) / n for n in range(1, 8)]
    return (0.1 * np.sum(partials, axis=0) + 0.001 * rng.standard_normal(len(t))).astype(np.float32)


def noise() -> np.ndarray:
    return (0.1 * np.random.default_rng(1).standard_normal(4 * RATE_HZ)).astype(np.float32)


def test_like_is_nearer_than_unlike() -> None:
    real = [hum(110, 1), hum(110, 2)]
    own = distance_db([hum(110, 3)], real)
    other = distance_db([hum(700, 3)], real)
    assert own < 1.0
    assert other > 5 * own
    assert distance_db([noise()], real) > 2 * other / 3


def test_level_does_not_count_and_colour_does() -> None:
    loud = noise()
    assert distance_db([0.1 * loud], [loud]) < 0.5
    dark = scipy.signal.sosfilt(scipy.signal.butter(2, 800, fs=RATE_HZ, output="sos"), loud).astype(np.float32)
    assert distance_db([dark], [loud]) > 5


def test_no_band_is_empty() -> None:
    assert np.allclose(mel_bands().sum(axis=0), 1.0)


def test_rests_do_not_count() -> None:
    sound = hum(110, 1)
    with_rest = np.concatenate([sound, np.zeros(2 * RATE_HZ, np.float32), sound])
    assert distance_db([with_rest], [np.concatenate([sound, sound])]) < 1.0
