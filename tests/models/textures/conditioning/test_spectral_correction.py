"""Noise through resonances: only what was told rings, and the colour stays."""

from __future__ import annotations

import numpy as np
import pytest

from models.textures.audio.mu_law import BLOCK_FRAMES, RATE_HZ
from models.textures.conditioning.conditions import band_levels, measure
from models.textures.conditioning.spectral_correction import THIRDS_HZ, TINT_DB, attuned, coloured, spectrum_db, tinted

LENGTH_S = 4
D, F_SHARP, A, C = 2, 6, 9, 0


def noise(seed: int = 1) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(LENGTH_S * RATE_HZ)).astype(np.float32)


def presence(*classes: int, blocks: int = LENGTH_S * RATE_HZ // BLOCK_FRAMES) -> np.ndarray:
    rows = np.zeros((blocks, 12), np.float32)
    rows[:, classes] = 1.0
    return rows


def level(sound: np.ndarray, low_hz: float, high_hz: float) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.fft.rfftfreq(len(sound), 1.0 / RATE_HZ)
    return float(10.0 * np.log10(power[(hz >= low_hz) & (hz < high_hz)].mean()))


def test_only_what_was_told_rings() -> None:
    heard = measure(attuned(noise(), presence(D, F_SHARP, A), 1.0))[20:-20, :12].mean(axis=0)
    told = heard[[D, F_SHARP, A]]
    assert told.min() > 0.7
    assert np.delete(heard, [D, F_SHARP, A]).max() < 0.2


def test_pitches_come_and_go_with_what_was_told() -> None:
    rows = presence(D)
    rows[len(rows) // 2 :] = presence(C)[len(rows) // 2 :]
    heard = measure(attuned(noise(), rows))[:, :12]
    half = len(heard) // 2
    assert heard[20 : half - 20, D].mean() > 0.8 > 0.3 > heard[20 : half - 20, C].mean()
    assert heard[half + 20 : -20, C].mean() > 0.8 > 0.3 > heard[half + 20 : -20, D].mean()


def test_the_colour_stays() -> None:
    sound = noise()
    dark = np.convolve(sound, np.ones(8) / 8, mode="same").astype(np.float32)
    heard = attuned(dark, presence(D, F_SHARP, A))
    for octave_hz in (125, 250, 500, 1000, 2000):
        assert level(heard, octave_hz, 2 * octave_hz) == pytest.approx(level(dark, octave_hz, 2 * octave_hz), abs=2.5)
    assert level(heard, 5000, 8000) == pytest.approx(level(dark, 5000, 8000), abs=0.3)


def test_length_and_sameness_and_nothing_to_do() -> None:
    sound = noise()
    rows = presence(D, blocks=40)  # the last row goes on
    assert np.array_equal(attuned(sound, rows), attuned(sound, rows))
    assert attuned(sound, rows).shape == sound.shape
    assert np.array_equal(attuned(sound, rows, amount=0.0), sound)
    assert np.array_equal(attuned(sound, presence()), sound)
    assert np.isfinite(attuned(np.zeros(RATE_HZ, np.float32), rows)).all()


def test_bands_get_the_levels_they_were_told() -> None:
    dark = np.convolve(noise(2), np.ones(12) / 12, mode="same").astype(np.float32)
    told = band_levels(noise(1))
    heard = coloured(dark, told)
    assert np.abs(band_levels(heard) - told)[20:-20].mean() < 0.1 < np.abs(band_levels(dark) - told)[20:-20].mean()
    half = coloured(dark, told, 0.5)
    assert np.abs(band_levels(half) - 0.5 * (told + band_levels(dark)))[20:-20].mean() < 0.1


def test_colouring_changes_nothing_where_all_is_as_told() -> None:
    sound = noise()
    assert coloured(sound, band_levels(sound)) == pytest.approx(sound, abs=1e-5)
    assert np.array_equal(coloured(sound, band_levels(sound), 0.0), sound)
    assert coloured(sound[:100], band_levels(sound)[:1]).shape == (100,)
    assert np.isfinite(coloured(np.zeros(RATE_HZ, np.float32), band_levels(sound))).all()


def test_a_tint_takes_rumble_and_hiss_away_and_raises_little() -> None:
    sound = noise()
    heard = spectrum_db(sound)
    middles_hz = np.sqrt(THIRDS_HZ[:-1] * THIRDS_HZ[1:])
    wanted = heard - 15.0 * (middles_hz < 150.0) - 60.0 * (middles_hz > 4000.0) + 40.0 * (np.abs(middles_hz - 700) < 60)
    gains = [level(tinted(sound, wanted), f, 1.1 * f) - level(sound, f, 1.1 * f) for f in (75.0, 300.0, 700.0, 6000.0)]
    assert gains == pytest.approx([-15.0, 0.0, TINT_DB[1], TINT_DB[0]], abs=2.0)
    half = level(tinted(sound, wanted, 0.5), 75.0, 82.0) - level(sound, 75.0, 82.0)
    assert half == pytest.approx(-7.5, abs=2.0)


def test_a_tint_leaves_length_time_and_silence_alone() -> None:
    click = np.zeros(RATE_HZ, np.float32)
    click[8000] = 0.5
    heard = tinted(click, spectrum_db(noise()) - 10.0)
    assert len(heard) == len(click)
    assert int(np.abs(heard).argmax()) == 8000
    silence = np.zeros(1000, np.float32)
    assert np.array_equal(tinted(silence, spectrum_db(noise())), silence)
    assert np.array_equal(tinted(click, spectrum_db(noise()), 0.0), click)
    assert spectrum_db(click[:100]).shape == (len(THIRDS_HZ) - 1,)
