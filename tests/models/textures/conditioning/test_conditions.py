"""What a network is told: measured on sounds whose answer is known, and moved into scales."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.textures.audio.mu_law import BLOCK_FRAMES, RATE_HZ
from models.textures.conditioning.conditions import CONDITIONS, PITCH_CLASSES, band_levels, in_scale, joined, measure


def tone(hz: float, level: float = 0.3, length_s: float = 1.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hz * np.arange(int(length_s * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def test_one_row_per_block_begun() -> None:
    assert measure(tone(440)[: 10 * BLOCK_FRAMES + 1]).shape == (11, CONDITIONS)


def test_a_tone_is_in_its_band_at_its_level() -> None:
    for hz, band in ((150, 0), (500, 1), (1500, 2), (4000, 3)):
        levels = band_levels(tone(hz))[10:-10].mean(axis=0)
        assert np.argmax(levels) == band
        expected = (20 * np.log10(0.3 / np.sqrt(2)) + 50) / 25
        assert abs(levels[band] - expected) < 0.1


def test_silence_has_no_pitch() -> None:
    assert measure(np.zeros(RATE_HZ, np.float32))[:, :PITCH_CLASSES].max() == 0.0


@given(st.integers(0, 11), st.sets(st.integers(0, 11), min_size=1))
def test_nothing_foreign_is_left_in_a_scale(strongest: int, scale: set[int]) -> None:
    rows = np.full((5, CONDITIONS), 0.1, np.float32)
    rows[:, strongest] = 1.0
    moved = in_scale(rows, sorted(scale))
    foreign = [n for n in range(PITCH_CLASSES) if n not in scale]
    assert np.all(moved[:, foreign] == 0.0)
    assert moved[:, :PITCH_CLASSES].max() == 1.0
    assert np.array_equal(moved[:, PITCH_CLASSES:], rows[:, PITCH_CLASSES:])


def test_contours_are_joined_without_a_step() -> None:
    low, high = np.zeros((200, 2), np.float32), np.ones((200, 2), np.float32)
    whole = joined([low, high], 300)
    assert whole.shape == (300, 2)
    assert np.abs(np.diff(whole, axis=0)).max() < 0.02
