"""From sound to levels and back: what is lost is little, and phases by chance would lose far more."""

from __future__ import annotations

import numpy as np
import pytest

from models.textures.spectral.arithmetic import compiled, exponential, exponentials, logarithm, normals, sine_cosine
from models.textures.spectral.bands import (
    BANDS,
    FINE_BINS,
    TABLES,
    TOP_BIN,
    UNIT_DB,
    band_powers,
    between_bands,
    levels,
    log_magnitudes,
)
from models.textures.spectral.phase_integration import order_between
from models.textures.spectral.phases import MOST_GAIN, parts, sounding, with_power
from models.textures.spectral.transform import BINS, HOP, RATE_HZ, sound_of, spectra


def chord(seconds: float) -> np.ndarray:
    t = np.arange(int(seconds * RATE_HZ) // HOP * HOP) / RATE_HZ
    tones = sum(np.sin(2 * np.pi * hz * t + hz) / n for n, hz in enumerate((110.0, 164.8, 277.2, 1661.0, 5000.0), 1))
    swell = np.minimum(1.0, 4 * t) * np.exp(-t)
    return (0.1 * tones * swell + 1e-4 * np.random.default_rng(1).standard_normal(len(t))).astype(np.float32)


def error_db(magnitudes: np.ndarray, sound: np.ndarray) -> float:
    """Of the magnitudes of a sound, relative to those wanted (spectral convergence)."""
    own = np.abs(spectra(sound))[: len(magnitudes)]
    return float(20 * np.log10(np.linalg.norm(own - magnitudes) / np.linalg.norm(magnitudes)))


def test_spectra_come_back_as_the_sound() -> None:
    sound = chord(1.0)
    back = sound_of(spectra(sound)[: len(sound) // HOP])
    inside = slice(4096, -4096)
    assert np.abs(back[inside] - sound[inside]).max() < 1e-5


def test_phases_agree_with_magnitudes_better_than_chance() -> None:
    sound = chord(2.0)
    told = levels(sound)
    magnitudes = np.exp(log_magnitudes(told))
    chance = np.exp(2j * np.pi * np.random.default_rng(1).random(magnitudes.shape))
    assert error_db(magnitudes, sounding(told, 4, np.random.default_rng(1))) < -15.0
    assert error_db(magnitudes, sound_of(magnitudes * chance)) > -8.0


def test_256_levels_keep_tones_and_balance() -> None:
    sound = chord(2.0)
    told = levels(sound)
    assert told.shape == (len(sound) // HOP, BANDS)
    back = sounding(told, 6, np.random.default_rng(1))
    again = levels(back)
    loud = told > 0.0
    assert np.abs(again - told)[loud].mean() * 25.0 < 2.0
    assert back.std() == pytest.approx(sound.std(), rel=0.2)


def test_noise_is_as_loud_as_told_and_as_restless() -> None:
    sound = (0.05 * np.random.default_rng(2).standard_normal(2 * RATE_HZ // HOP * HOP)).astype(np.float32)
    told = levels(sound)
    again = levels(sounding(told, 6, np.random.default_rng(1)))
    high = slice(140, 250)
    assert abs(UNIT_DB * (again - told)[:, high].mean()) < 0.2
    restless = [UNIT_DB * np.abs(np.diff(one[:, high], axis=0)).mean() for one in (told, again)]
    assert restless[1] == pytest.approx(restless[0], rel=0.15)


def test_the_loop_that_sets_bands_right_means_the_same_bands_as_levels() -> None:
    rng = np.random.default_rng(3)
    found = spectra(rng.standard_normal(HOP * 4))[:1]
    wished = band_powers(np.abs(found) ** 2) * rng.uniform(0.01, 100.0, BANDS)
    gains = np.clip(np.sqrt(wished / band_powers(np.abs(found) ** 2)), 1 / MOST_GAIN, MOST_GAIN)
    turned = np.zeros(2 * BINS, np.float32)
    with_power(parts(found)[0], wished[0], TABLES, np.zeros(BINS + 1), np.empty(BANDS), turned)
    expected = (found * between_bands(gains))[0, FINE_BINS:TOP_BIN]
    assert np.allclose(turned.view(np.complex64)[FINE_BINS:TOP_BIN], expected, rtol=1e-5)
    assert not turned.view(np.complex64)[:FINE_BINS].any()
    assert not turned.view(np.complex64)[TOP_BIN:].any()


def _whole_order(keys):  # type: ignore[no-untyped-def]
    return np.argsort(keys)


@pytest.mark.parametrize(("lowest", "highest"), [(0.0, 0.1), (0.4, 0.5), (0.9, 1.0), (0.3, 0.3), (-1.0, 2.0)])
def test_what_is_sorted_in_part_stands_where_the_whole_would_have_it(lowest: float, highest: float) -> None:
    keys = (np.random.default_rng(6).integers(0, 500, 20_000) / 500.0).astype(np.float32)
    whole = compiled(_whole_order)(keys)
    part = order_between(keys, np.float32(lowest), np.float32(highest))
    inside = (keys[whole] >= lowest) & (keys[whole] <= highest)
    assert inside.any()
    assert part[inside].tolist() == whole[inside].tolist()


def test_noise_is_normal() -> None:
    noise = normals(np.random.default_rng(4).random(200_000))
    assert noise.mean() == pytest.approx(0.0, abs=0.01)
    assert noise.std() == pytest.approx(1.0, abs=0.01)
    assert np.mean(np.abs(noise) > 2.0) == pytest.approx(0.0455, abs=0.004)


def test_sine_exponential_and_logarithm_are_near_the_librarys() -> None:
    angles = np.linspace(-1000.0, 1000.0, 4001)
    own = np.array([sine_cosine(angle) for angle in angles])
    assert np.abs(own - np.stack([np.sin(angles), np.cos(angles)], axis=1)).max() < 1e-12
    values = np.linspace(-80.0, 80.0, 999).astype(np.float32)
    powers = values.copy()
    exponentials(powers, len(powers))
    positive = np.geomspace(1e-12, 1e6, 999)
    assert np.abs([logarithm(value) for value in positive] - np.log(positive)).max() < 1e-12
    assert exponential(values[7]) == powers[7]
    assert np.abs(powers / np.exp(values.astype(np.float64)) - 1.0).max() < 1e-5
