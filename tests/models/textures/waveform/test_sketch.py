"""A sketch has the plan's levels and tones that hold; what keeps to it forgets how far it was away."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from models.textures.audio.mu_law import EMPHASIS, GAIN, RATE_HZ
from models.textures.spectral.bands import BANDS, CENTRES_HZ
from models.textures.spectral.transform import HOP
from models.textures.spectral.transform import RATE_HZ as PLAN_RATE_HZ
from models.textures.waveform.sketch import MEMORY, coded, fading, sketch_of


def spectrum_db(values: np.ndarray) -> np.ndarray:
    power = np.abs(np.fft.rfft(values * np.hanning(len(values)))) ** 2
    return 10.0 * np.log10(power / power.max() + 1e-12)


def test_a_partial_of_the_plan_is_one_line_over_half_a_second() -> None:
    levels = np.full((48, BANDS), -3.0, np.float32)
    at = int(np.argmin(np.abs(CENTRES_HZ - 600.0)))
    levels[:, at] = 2.0
    levels[:, [at - 1, at + 1]] = 2.0 - 6.0 / 25.0
    sketch = sketch_of(levels, np.random.default_rng(1))[1024:-1024]
    found_db = spectrum_db(sketch)
    peak = int(np.argmax(found_db))
    assert peak * RATE_HZ / len(sketch) == pytest.approx(CENTRES_HZ[at], abs=3.0)
    assert found_db[peak + 6 : peak + 20].max() < -30.0  # the control: noise as narrow as the plan's lines has -10 dB


SKETCHED_EVERYWHERE = "521f5a03c001f0a0"


def test_every_processor_makes_the_same_sketch() -> None:
    """Textures that come along are drawn on such: another bit, and they would not be drawn again by their recipes."""
    levels = np.random.default_rng(2).integers(-96, 32, (24, BANDS)).astype(np.float32) / 32.0
    assert hashlib.sha256(sketch_of(levels, np.random.default_rng(3)).tobytes()).hexdigest()[:16] == SKETCHED_EVERYWHERE


def test_what_lies_above_the_networks_rate_is_left_out() -> None:
    t = np.arange(20 * HOP) / PLAN_RATE_HZ
    low, high = (coded(np.sin(2.0 * np.pi * hz * t).astype(np.float32)) for hz in (1000.0, 15000.0))
    assert len(low) == len(t) // 3
    middle = slice(1000, -1000)
    wanted = GAIN * abs(1.0 - EMPHASIS * np.exp(-2j * np.pi * 1000.0 / RATE_HZ)) / np.sqrt(2.0)
    assert np.std(low[middle]) == pytest.approx(wanted, rel=1e-2)
    assert np.std(high[middle]) < 1e-3 * np.std(low[middle])


def test_predictors_forget_what_lies_further_back() -> None:
    taps = fading(np.ones((2, 256), np.float32), MEMORY)
    assert taps[0, -1] == pytest.approx(MEMORY)
    assert taps[1, 0] == pytest.approx(MEMORY**256, rel=1e-5)
    assert np.array_equal(fading(taps, 1.0), taps)
