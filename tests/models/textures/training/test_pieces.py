"""Pieces heard in other keys: a tone lands where the higher tone would, and its pitch classes with it."""

from __future__ import annotations

import numpy as np
import pytest

from models.textures.spectral.bands import levels
from models.textures.spectral.transform import RATE_HZ
from models.textures.training.pieces import transposed
from models.textures.training.together import OTHER_KEYS, TRANSPOSITIONS, keys_of


def tones(hz: float) -> np.ndarray:
    """In a little hiss, which hides the skirts of the window."""
    t = np.arange(RATE_HZ) / RATE_HZ
    hiss = 1e-3 * np.random.default_rng(1).standard_normal(len(t))
    return levels(sum(np.sin(2 * np.pi * k * hz * t) / k for k in (1, 2, 3)) * 0.1 + hiss)[20:40]


@pytest.mark.parametrize("semitones", [-3, 2, 4])
def test_a_transposed_tone_is_nearly_the_higher_tone(semitones: int) -> None:
    moved, wanted = transposed(tones(440.0), semitones), tones(440.0 * 2 ** (semitones / 12))
    assert abs(int(moved[0].argmax()) - int(wanted[0].argmax())) <= 1
    heard = wanted > wanted.max() - 1.2
    assert np.abs(moved - wanted)[heard].mean() < 0.3 * np.abs(tones(440.0) - wanted)[heard].mean()


def test_every_piece_is_heard_as_it_is_and_in_different_other_keys() -> None:
    for number in range(len(TRANSPOSITIONS)):
        keys = keys_of(number)
        assert keys[0] == 0
        assert len(set(keys)) == len(keys) == 1 + OTHER_KEYS
