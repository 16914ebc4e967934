"""Singers are heard on their pitch, and vowels by their formants."""

from __future__ import annotations

import numpy as np
import pytest

from models.textures.corpus.instruments import Played
from models.textures.corpus.reverberation import RATE_HZ
from models.textures.corpus.singing import VOWELS_HZ, Singer, _voiced, sung

STEADY = Singer(size=1.0, vibrato_hz=5.0, vibrato_semitones=0.0, breath=0.0)


def power_of(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.fft.rfftfreq(len(sound), 1.0 / RATE_HZ), np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2


def test_a_vowel_is_loudest_at_its_formants() -> None:
    found = {}
    for vowel in ("i", "a"):
        hz, power = power_of(_voiced(np.full(RATE_HZ, 45.0), [VOWELS_HZ[vowel]] * 2, STEADY, np.random.default_rng(1)))
        first, second = (power[np.abs(hz - at) < 150.0].sum() for at in (VOWELS_HZ["a"][1], VOWELS_HZ["i"][1]))
        found[vowel] = second / first
    assert found["i"] > 10.0 * found["a"]


def test_a_note_has_its_pitch_and_its_time() -> None:
    sound = sung([Played(1.0, 1.0, 57, 100)], STEADY, np.random.default_rng(2), 3 * RATE_HZ)
    hz, power = power_of(sound[round(1.4 * RATE_HZ) : round(1.8 * RATE_HZ)])
    near = hz[(hz > 150.0) & (hz < 300.0)]
    assert near[np.argmax(power[(hz > 150.0) & (hz < 300.0)])] == pytest.approx(220.0, rel=0.02)
    assert np.abs(sound[: round(0.7 * RATE_HZ)]).max() == 0.0
    assert np.abs(sound[round(2.1 * RATE_HZ) :]).max() == 0.0
