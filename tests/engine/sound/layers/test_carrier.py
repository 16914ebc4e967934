"""What the vocoder speaks with: the texture, and a drone on the root where that is silent, without a step between."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.carrier import CARRIER_RMS, Carrier, drone_loop, root_hz
from engine.sound.layers.manual_server import STEP_FRAMES
from tests.engine.sounds import rms

SILENCE = np.zeros((2, STEP_FRAMES), np.float32)


def tone(step: int) -> np.ndarray:
    time_s = (step * STEP_FRAMES + np.arange(STEP_FRAMES)) / SAMPLE_RATE_HZ
    return np.tile(0.1 * np.sin(2 * np.pi * 330 * time_s), (2, 1)).astype(np.float32)


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


def test_a_texture_that_sounds_is_the_carrier_itself() -> None:
    carrier = Carrier("D", 1)
    carrier.process(tone(0), "D", 0)
    assert carrier.process(tone(1), "D", 1) == pytest.approx(tone(1)[0], abs=1e-7)


def test_from_texture_to_drone_and_to_another_root_there_is_no_step() -> None:
    carrier = Carrier("D", 1)
    made = [carrier.process(tone(step), "D", step) for step in range(3)]
    made += [carrier.process(SILENCE, "D" if step < 6 else "A", step) for step in range(3, 9)]
    steady = max(np.abs(np.diff(block)).max() for block in made)
    assert all(abs(after[0] - before[-1]) <= steady for before, after in pairwise(made[1:]))
    assert rms(made[5]) == pytest.approx(CARRIER_RMS, rel=0.3)
    assert not np.array_equal(made[8], made[5])
