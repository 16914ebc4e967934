"""Pitch classes are heard in sounds whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from models.textures.audio.mu_law import BLOCK_FRAMES, RATE_HZ
from models.textures.audio.pitch_classes import PITCH_CLASSES, pitch_classes


def tone(hz: float, length_s: float = 1.0) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(int(length_s * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def test_one_row_per_block_begun() -> None:
    assert pitch_classes(tone(440)[: 10 * BLOCK_FRAMES + 1]).shape == (11, PITCH_CLASSES)


@pytest.mark.parametrize(("hz", "pitch_class"), [(110.0, 9), (261.63, 0), (739.99, 6)])
def test_a_tone_is_its_pitch_class_and_no_other(hz: float, pitch_class: int) -> None:
    presence = pitch_classes(tone(hz))[10:-10].mean(axis=0)
    assert np.argmax(presence) == pitch_class
    assert np.delete(presence, pitch_class).max() < 0.1 < presence[pitch_class]


def test_silence_has_no_pitch() -> None:
    assert pitch_classes(np.zeros(RATE_HZ, np.float32)).max() == 0.0
