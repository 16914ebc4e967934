"""Textures made ready for a record: every one comes at one level, whatever was done to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.album.plan.sheet import TextureOperations
from engine.album.rendering.air import HIGHEST_PEAK, LOUDNESS_RMS, treated
from engine.errors import RecordError
from tests.engine.sounds import rms

RATE_HZ = 16_000
D_MAJOR = (1, 2, 4, 6, 7, 9, 11)


def chord(pitches: list[int], length_s: float) -> np.ndarray:
    t = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    tones = [np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * n * t + p) / n for p in pitches for n in (1, 2, 3)]
    return (0.3 * np.sum(tones, axis=0) / len(tones)).astype(np.float32)


def ready(sound: np.ndarray, **operations: object) -> np.ndarray:
    asked = TextureOperations.model_validate(operations)
    return treated(sound.astype(np.float32), RATE_HZ, asked, D_MAJOR, "air")


@given(
    times=st.floats(0.05, 4.0),
    clash_s=st.floats(0.5, 12.0),
    cut=st.booleans(),
    moved=st.booleans(),
    volume=st.floats(0.01, 1.0),
)
@settings(max_examples=12, deadline=None)
def test_whatever_was_dropped_it_comes_as_loud(
    times: float, clash_s: float, cut: bool, moved: bool, volume: float
) -> None:
    """A cluster, which fits no scale, after a chord: a part of the texture, or nearly all of it."""
    cluster = chord([60, 61, 62, 63, 64, 65], clash_s)
    sound = volume * np.concatenate([chord([62, 66, 69], 2), times * cluster])
    drop = {"tolerance": 0.5, "cut": cut, "gain_db": -18}
    made = ready(sound, drop_dissonant=drop, **({"into_scale": {}} if moved else {}))
    is_full = float(np.abs(made).max()) == pytest.approx(HIGHEST_PEAK, rel=1e-3)
    assert rms(made) == pytest.approx(LOUDNESS_RMS, rel=0.02) or (is_full and rms(made) < LOUDNESS_RMS)


@pytest.mark.parametrize(("clash_s", "cut"), [(1.0, True), (1.0, False), (2.0, True), (2.0, False)])
def test_with_half_or_less_of_it_dropped_peaks_leave_room(clash_s: float, cut: bool) -> None:
    sound = np.concatenate([chord([62, 66, 69], 2), chord([60, 61, 62, 63, 64, 65], clash_s)])
    made = ready(sound, drop_dissonant={"tolerance": 0.5, "cut": cut, "gain_db": -18})
    assert rms(made) == pytest.approx(LOUDNESS_RMS, rel=0.02)
    assert (len(made) < 48_000 * (1.7 + clash_s / 2)) == cut


def test_noise_that_is_turned_down_is_not_raised_again() -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal(4 * RATE_HZ)
    made = ready(np.concatenate([chord([62, 66, 69], 4), noise]), lower_noisy={"gain_db": -20})
    assert rms(made[5 * 48_000 :]) < 0.2 * LOUDNESS_RMS < rms(made[: 3 * 48_000])


def test_silence_is_named() -> None:
    with pytest.raises(RecordError, match="texture air: is silent"):
        ready(np.zeros(2 * RATE_HZ), into_scale={}, drop_dissonant={"cut": True})
