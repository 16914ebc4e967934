"""Loudness and true peaks: on target, under the ceiling, for the calm and the spiky."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.album.plan.sheet import MasterSettings
from engine.album.sound_files.mastering import mastered, measured, true_peak_dbtp

RATE_HZ = 48_000


def spiky(seed: int) -> np.ndarray:
    """Five seconds of soft noise with strokes 30 dB above it, as a piano over air has them."""
    rng = np.random.default_rng(seed)
    sound = 0.01 * rng.standard_normal((5 * RATE_HZ, 2))
    for start in range(0, len(sound) - 4000, 20_000):
        sound[start : start + 4000] += 0.5 * np.exp(-np.arange(4000) / 300)[:, None] * rng.standard_normal((4000, 1))
    return sound.astype(np.float32)


@pytest.mark.parametrize("target_lufs", [-23.0, -18.0, -14.0])
def test_a_mix_comes_to_its_target_under_the_ceiling(target_lufs: float) -> None:
    mix = spiky(1)
    master = MasterSettings(target_lufs=target_lufs, fade_out_s=0.5)
    sound, gain, done = mastered(mix, RATE_HZ, master)
    assert np.array_equal(sound, mix * gain)
    assert replace(done, limited=0.0) == measured(sound, RATE_HZ), "what is measured of a file knows no limiter"
    assert 0 < done.limited < 1
    assert done.lufs == pytest.approx(target_lufs, abs=0.3)
    assert done.true_peak_dbtp <= -1.0


def test_true_peaks_between_frames_are_found() -> None:
    time_s = np.arange(RATE_HZ) / RATE_HZ
    tone = np.sin(2 * np.pi * RATE_HZ / 4 * time_s + np.pi / 4).astype(np.float32)  # frames miss each crest by 3 dB
    stereo = np.stack([tone, tone], axis=1)
    assert np.abs(stereo).max() == pytest.approx(np.sqrt(0.5), abs=1e-4)
    assert true_peak_dbtp(stereo) == pytest.approx(0.0, abs=0.15)


def test_the_gain_moves_smoothly_and_serves_stems_as_it_serves_the_mix() -> None:
    mix = spiky(2)
    _, gain, _ = mastered(mix, RATE_HZ, MasterSettings(target_lufs=-12.0))
    assert np.abs(np.diff(gain[2000 : -4 * RATE_HZ, 0])).max() < 0.01 * gain.max()
    half = mix * np.float32(0.5)
    assert np.allclose(half * gain + half * gain, mix * gain, atol=1e-6)


def test_silence_stays_silent() -> None:
    silent = np.zeros((RATE_HZ, 2), np.float32)
    assert not mastered(silent, RATE_HZ, MasterSettings())[0].any()
