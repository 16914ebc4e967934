"""Fitting textures, on signals whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import TextureError
from engine.sound.textures.analysis import (
    best_transposition,
    checked,
    chroma,
    dissonant_stretches,
    estimate_key,
    fitting_transposition,
    lacks_top,
    noisiness,
    share_in_scale,
)
from engine.sound.textures.operations import (
    cut,
    duck,
    lower_noisy,
    octave_up,
    restore_top,
    seamless_loop,
    stereo_pair,
    transpose,
)

RATE_HZ = 48_000
D_MAJOR = (2, 4, 6, 7, 9, 11, 1)


def chord(pitches: list[int], length_s: float, rate_hz: int = RATE_HZ) -> np.ndarray:
    t = np.arange(int(length_s * rate_hz)) / rate_hz
    parts = [np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * n * t + p) / n for p in pitches for n in (1, 2, 3)]
    return (0.5 * np.sum(parts, axis=0) / len(parts)).astype(np.float32)


def heard(sound: np.ndarray) -> np.ndarray:
    return chroma(sound, RATE_HZ)


def strongest_hz(sound: np.ndarray, rate_hz: int = RATE_HZ) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * rate_hz / len(sound))


@pytest.mark.parametrize(("pitch", "name"), [(57, 9), (60, 0), (66, 6), (71, 11)])
def test_chroma_hears_a_single_tone(pitch: int, name: int) -> None:
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    tone = np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * t).astype(np.float32)
    presence = heard(tone)[20:-20].mean(axis=0)
    assert presence[name] > 0.95
    assert np.delete(presence, name).max() < 0.05


@pytest.mark.parametrize(
    ("pitches", "root", "mode"),
    [([50, 57, 62, 66, 69], 2, "major"), ([57, 60, 64, 69], 9, "minor"), ([51, 58, 63, 67, 70], 3, "major")],
)
def test_key_of_a_chord(pitches: list[int], root: int, mode: str) -> None:
    key = estimate_key(heard(chord(pitches, 3)))
    assert (key.root, key.mode) == (root, mode)
    assert key.confidence > 0.5


def test_noise_and_silence_have_no_key() -> None:
    noise = np.random.default_rng(1).standard_normal(3 * RATE_HZ).astype(np.float32) * 0.1
    assert estimate_key(heard(noise)).confidence < 0.3
    assert estimate_key(heard(np.zeros(3 * RATE_HZ, np.float32))).confidence == 0.0
    assert share_in_scale(heard(np.zeros(3 * RATE_HZ, np.float32)), D_MAJOR) == 1.0


@given(step=st.integers(-6, 5))
@settings(max_examples=6)
def test_the_best_transposition_undoes_one(step: int) -> None:
    pentatonic = {(0 + step) % 12, (2 + step) % 12, (4 + step) % 12, (7 + step) % 12, (9 + step) % 12}
    moved = best_transposition(heard(chord([60, 62, 64, 67, 69], 1.5)), pentatonic)
    assert {(p + moved) % 12 for p in (0, 2, 4, 7, 9)} == pentatonic


def test_what_fits_well_enough_stays_where_it_is() -> None:
    assert fitting_transposition(heard(chord([62, 66, 69], 2)), D_MAJOR) == 0
    assert fitting_transposition(heard(chord([61, 65, 68], 2)), D_MAJOR) == 1


def test_transposing_moves_pitch_and_length() -> None:
    moved = transpose(chord([69], 2), 7)
    assert strongest_hz(moved) == pytest.approx(440 * 2 ** (7 / 12), rel=0.003)
    assert len(moved) == pytest.approx(2 * RATE_HZ / 2 ** (7 / 12), rel=0.002)


def clashing() -> np.ndarray:
    """Eight seconds of D major with a foreign Eb and Bb from 3 s to 5 s."""
    return np.concatenate([chord([62, 66, 69], 3), chord([63, 70], 2), chord([62, 66, 69], 3)])


def test_a_clash_is_found_where_it_is() -> None:
    ((start, end),) = dissonant_stretches(heard(clashing()), RATE_HZ, D_MAJOR)
    assert start / RATE_HZ == pytest.approx(3.0, abs=0.2)
    assert end / RATE_HZ == pytest.approx(5.0, abs=0.2)
    assert dissonant_stretches(heard(chord([62, 66, 69], 3)), RATE_HZ, D_MAJOR) == []


def test_ducking_lowers_the_clash_alone_without_a_step() -> None:
    sound = clashing()
    lowered = duck(sound, dissonant_stretches(heard(sound), RATE_HZ, D_MAJOR), RATE_HZ, gain_db=-30)
    inside, outside = slice(int(3.4 * RATE_HZ), int(4.6 * RATE_HZ)), slice(0, int(2.5 * RATE_HZ))
    assert lowered[inside].std() == pytest.approx(sound[inside].std() * 10 ** (-30 / 20), rel=0.1)
    assert np.array_equal(lowered[outside], sound[outside])
    constant = duck(np.ones(RATE_HZ, np.float32), [(20_000, 30_000)], RATE_HZ)
    assert np.abs(np.diff(constant)).max() < 2e-4


def test_cutting_takes_the_clash_out() -> None:
    sound = clashing()
    left = cut(sound, dissonant_stretches(heard(sound), RATE_HZ, D_MAJOR), RATE_HZ)
    assert len(left) / RATE_HZ == pytest.approx(6.0, abs=0.4)
    assert share_in_scale(heard(left), D_MAJOR) > 0.97 > share_in_scale(heard(sound), D_MAJOR)
    assert len(cut(sound, [(0, len(sound))], RATE_HZ)) == 0


@given(st.integers(2, 300))
def test_the_pair_keeps_left_and_swaps_reversed_halves(frames: int) -> None:
    sound = np.arange(frames, dtype=np.float32)
    pair = stereo_pair(sound)
    middle = frames // 2
    assert np.array_equal(pair[:, 0], sound)
    assert np.array_equal(pair[: frames - middle, 1], sound[middle:][::-1])
    assert np.array_equal(pair[frames - middle :, 1], sound[:middle][::-1])


def test_an_octave_up_keeps_speed_and_level() -> None:
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    sound = (np.sin(2 * np.pi * 440 * t) * (t > 1.0)).astype(np.float32)
    higher = octave_up(sound)
    assert len(higher) == len(sound)
    assert strongest_hz(higher[60_000:90_000]) == pytest.approx(880, rel=0.003)
    assert higher[60_000:90_000].std() == pytest.approx(sound[60_000:90_000].std(), rel=0.05)
    assert np.abs(higher[:40_000]).max() < 0.01


def test_the_top_comes_back_above_8_khz_only() -> None:
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    sound = (np.sin(2 * np.pi * 500 * t) + 0.1 * np.sin(2 * np.pi * 6000 * t)).astype(np.float32)
    restored = restore_top(sound, RATE_HZ)
    added = (restored - sound)[10_000:-10_000]
    assert strongest_hz(added) == pytest.approx(12_000, rel=0.01)
    assert restore_top(sound, 16_000) is sound
    assert lacks_top(sound, RATE_HZ)
    assert not lacks_top(restored, RATE_HZ)
    assert lacks_top(sound, 16_000)
    both = restore_top(np.stack([sound, 0.5 * sound], axis=1), RATE_HZ)
    assert np.array_equal(both[:, 0], restored)


def test_noise_is_lowered_and_tone_is_not() -> None:
    noise = 0.2 * np.random.default_rng(2).standard_normal(2 * RATE_HZ).astype(np.float32)
    sound = np.concatenate([chord([57, 64], 2), noise, chord([57, 64], 2)])
    assert noisiness(noise, RATE_HZ).min() > 0.3 > noisiness(chord([57, 64], 2), RATE_HZ).max()
    lowered = lower_noisy(sound, RATE_HZ, gain_db=-18)
    assert lowered[120_000:170_000].std() == pytest.approx(sound[120_000:170_000].std() * 10 ** (-18 / 20), rel=0.1)
    assert np.allclose(lowered[:70_000], sound[:70_000])


def test_a_loop_has_no_seam_and_keeps_its_level() -> None:
    rng = np.random.default_rng(3)
    noise = rng.standard_normal(6 * RATE_HZ).astype(np.float32) * 0.1
    smooth = np.convolve(noise, np.ones(64) / 8, mode="same").astype(np.float32)
    loop = seamless_loop(smooth, RATE_HZ)
    assert len(loop) == 4 * RATE_HZ
    steps = np.abs(np.diff(np.concatenate([loop, loop])))
    assert steps[len(loop) - 2 : len(loop) + 2].max() <= np.quantile(steps, 0.9999)
    assert loop[RATE_HZ // 2 : RATE_HZ].std() == pytest.approx(smooth.std(), rel=0.1)


@pytest.mark.parametrize(
    ("sound", "rate_hz", "why"),
    [
        (np.zeros(0, np.float32), 48_000, "0.00 s long"),
        (np.full(96_000, np.nan, np.float32), 48_000, "not numbers"),
        (np.zeros((10, 99), np.float32), 48_000, "channels"),
        (np.zeros(96_000, np.float32), 100, "rate of 100 Hz"),
    ],
)
def test_bad_sound_is_refused_by_name(sound: np.ndarray, rate_hz: int, why: str) -> None:
    with pytest.raises(TextureError, match=why) as caught:
        checked(sound, rate_hz, "bad.wav")
    assert "bad.wav" in str(caught.value)


def test_an_empty_scale_is_refused() -> None:
    with pytest.raises(TextureError, match="scale"):
        share_in_scale(heard(np.zeros(RATE_HZ * 2, np.float32)), [])
