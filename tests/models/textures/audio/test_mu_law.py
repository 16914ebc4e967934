"""Sound to classes and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.textures.audio.mu_law import CLASSES, SILENCE, compress, decode, encode, expand


def test_every_class_comes_back() -> None:
    classes = np.arange(CLASSES)
    assert np.array_equal(compress(expand(classes)), classes)
    assert np.all(np.diff(expand(classes)) > 0)
    assert np.argmin(np.abs(expand(classes)) + np.where(classes < SILENCE, 1e-6, 0)) == SILENCE


@given(st.floats(-2.0, 2.0))
def test_error_is_small_against_the_level(level: float) -> None:
    back = float(expand(compress(np.array([level])))[0])
    assert abs(back - np.clip(level, -1, 1)) <= 0.0225 * abs(back) + 1e-4


def test_music_survives_with_its_noise_below_it() -> None:
    t = np.arange(32_000) / 16_000
    sound = 0.2 * np.sin(2 * np.pi * 220 * t) + 0.1 * np.sin(2 * np.pi * 660 * t)
    noise = decode(expand(encode(sound))) - sound
    assert 20 * np.log10(sound.std() / noise.std()) > 30
