"""What the vocoder speaks with where the texture is silent: a drone on the root."""

from __future__ import annotations

import numpy as np
import pytest

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.carrier import CARRIER_RMS, drone_loop, root_hz
from tests.engine.sounds import rms


@pytest.mark.parametrize(("root", "hz"), [("C", 65.406), ("A", 110.0), ("F#", 92.499), ("Bb", 116.541)])
def test_a_root_is_in_the_octave_of_low_c(root: str, hz: float) -> None:
    assert root_hz(root) == pytest.approx(hz, rel=1e-4)


def test_the_drone_is_on_its_root_at_its_level_seamless_and_the_same_for_a_seed() -> None:
    loop = drone_loop("D", 1)
    assert rms(loop) == pytest.approx(CARRIER_RMS, rel=1e-3)
    spectrum = np.abs(np.fft.rfft(loop))
    loudest_hz = spectrum[: len(spectrum) // 200].argmax() * SAMPLE_RATE_HZ / len(loop)
    assert min(abs(loudest_hz / root_hz("D") - n) for n in (1, 1.5, 2, 3)) < 0.02
    seam = abs(loop[0] - loop[-1])
    assert seam < 3 * np.abs(np.diff(loop)).max()
    assert np.array_equal(loop, drone_loop("D", 1))
    assert not np.array_equal(loop, drone_loop("D", 2))
