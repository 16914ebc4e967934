"""Drums are what they are called, and a groove begins its bars with one."""

from __future__ import annotations

import numpy as np

from models.textures.corpus.drumming import groove, hat, kick
from models.textures.corpus.reverberation import RATE_HZ


def centroid_hz(sound: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    return float((np.fft.rfftfreq(len(sound), 1.0 / RATE_HZ) * power).sum() / power.sum())


def test_a_kick_is_low_and_a_hat_is_high() -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        assert centroid_hz(kick(rng)) < 400.0
        assert centroid_hz(hat(rng)) > 5000.0


def test_a_groove_is_hits_with_air_between() -> None:
    for seed in range(4):
        sound = groove(np.random.default_rng(seed), 6 * RATE_HZ)
        loud = np.abs(sound[: len(sound) // 480 * 480]).reshape(-1, 480).max(axis=1)
        assert np.quantile(loud, 0.9) > 8.0 * np.quantile(loud, 0.1)
        beats = np.flatnonzero((loud[1:] > 0.3) & (loud[1:] > 3.0 * loud[:-1]))
        assert len(beats) > 6
