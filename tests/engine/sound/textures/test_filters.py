"""Filters of whole textures are SciPy's within rounding, or keep what they promise; SciPy is not loaded for them."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal

from engine.files.paths import ROOT, TEXTURES_FOLDER
from engine.sound.textures import filters

RATE_HZ = 48_000
NOISE = (0.1 * np.random.default_rng(4).standard_normal(50_003)).astype(np.float32)
ROUNDING = 3e-7

FIT = f"""
import resource, sys
from pathlib import Path
import engine.sound.textures.treatment as treatment
path = next(iter(sorted(Path({str(TEXTURES_FOLDER)!r}).glob("pads-*.opus"))))
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
before = peak()
loop = treatment.open_texture(path, treatment.Treatment((0, 2, 4, 7, 9), "duck", top=True, octave=1), 0.0)
print(peak() - before, loop._loop.nbytes / 1e6, *sorted(name for name in sys.modules if name == "scipy"))
"""


@pytest.mark.parametrize(("up", "down"), [(1, 3), (3, 1), (3, 2), (89, 84), (84, 89), (160, 147), (147, 160), (1, 2)])
def test_resampling_is_scipys(up: int, down: int) -> None:
    expected = scipy.signal.resample_poly(NOISE, up, down)
    heard = filters.resampled_by(NOISE, up, down)
    assert heard.dtype == np.float32
    np.testing.assert_allclose(heard, expected, atol=ROUNDING)


def test_both_sides_are_resampled() -> None:
    sides = np.stack([NOISE, NOISE[::-1]], axis=1)
    heard = filters.resampled(sides, 44_100, RATE_HZ)
    np.testing.assert_array_equal(heard[:, 1], filters.resampled(NOISE[::-1], 44_100, RATE_HZ))
    assert filters.resampled(NOISE, RATE_HZ, RATE_HZ) is NOISE


@pytest.mark.parametrize("length", [3, 900, 16_384, 50_003])
def test_a_filter_in_pieces_is_a_convolution(length: int) -> None:
    taps = filters.windowed_sinc(127, 0.1, 6.0)
    np.testing.assert_allclose(filters.filtered(NOISE[:length], taps), _convolved(NOISE[:length], taps), atol=ROUNDING)


def test_low_pass_and_high_pass_share_all_there_is() -> None:
    place_s = np.arange(RATE_HZ) / RATE_HZ
    low, high = (np.sin(2 * np.pi * hz * place_s).astype(np.float32) for hz in (6_500.0, 9_500.0))
    above = filters.filtered(low + high, filters.high_pass(127, 8_000 / RATE_HZ, 6.0))
    below = filters.filtered(low + high, filters.windowed_sinc(127, 8_000 / RATE_HZ, 6.0))
    middle = slice(1_000, -1_000)
    np.testing.assert_allclose(above[middle], high[middle], atol=2e-3)
    np.testing.assert_allclose(below[middle], low[middle], atol=2e-3)


@pytest.mark.parametrize("reach", [1, 2, 9, 100, 4_000])
def test_lowest_and_mean_nearby_are_scipys(reach: int) -> None:
    values = np.random.default_rng(5).random(3_001)
    expected = scipy.ndimage.minimum_filter1d(values, 2 * reach + 1, mode="nearest")
    np.testing.assert_array_equal(filters.lowest_nearby(values, reach), expected)
    expected = scipy.ndimage.uniform_filter1d(values, reach, mode="nearest")
    np.testing.assert_allclose(filters.mean_nearby(values, reach), expected, atol=ROUNDING)


@pytest.mark.parametrize("length", [1, 2, 5, 100])
def test_median_is_scipys(length: int) -> None:
    values = np.random.default_rng(6).random(length).astype(np.float32)
    if length >= 5:
        np.testing.assert_array_equal(filters.median_of_5(values), scipy.ndimage.median_filter(values, 5))
    assert filters.median_of_5(values).shape == values.shape


def test_fitting_takes_little_memory_and_no_scipy() -> None:
    command = [sys.executable, "-c", FIT]
    took_mb, loop_mb, *scipy_there = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=ROOT, timeout=120
    ).stdout.split()
    assert not scipy_there
    assert float(took_mb) < 12 * float(loop_mb)  # 20 times as much before it was done in pieces


def _convolved(sound: np.ndarray, taps: np.ndarray) -> np.ndarray:
    half = len(taps) // 2
    return np.convolve(np.pad(sound.astype(float), half), taps, mode="valid")
