"""Notes that go on after their recording: bows and choirs without a loop, bells with their own decay."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.instruments.bowing import bow, planned, prolonged_bow
from scripts.instruments.ensembles import prolonged
from scripts.instruments.harmonics import STEP, analysed, phase_of, sounding
from scripts.instruments.ringing import cents_above, decays_db_per_s, partials, rung_out

RATE_HZ = 44_100
PITCH_HZ = 220.0


def bowed(seed: int, length_s: float = 3.0, pitch_hz: float = PITCH_HZ) -> np.ndarray:
    """A note with a vibrato, partials and bow noise of its own."""
    chance = np.random.default_rng(seed)
    at = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    cents = 12 * np.sin(2 * np.pi * chance.uniform(5.4, 6.0) * at + chance.uniform(0, 6))
    phase = 2 * np.pi * np.cumsum(pitch_hz * 2 ** (cents / 1200)) / RATE_HZ
    tone = sum(np.sin(n * phase + chance.uniform(0, 6)) / n for n in range(1, 9))
    return np.asarray(0.1 * tone + 0.002 * chance.standard_normal(len(at)))


def loop_strength(sound: np.ndarray, shortest_s: float = 0.5) -> float:
    """Highest autocorrelation of the level in bands of 100 Hz at lags from `shortest_s` to 5 s: 1 for a loop."""
    every = RATE_HZ // 100
    best = np.zeros(round(5 / (every / RATE_HZ)))
    spectrum = np.fft.fft(sound)
    hz = np.fft.fftfreq(len(sound), 1 / RATE_HZ)
    for low_hz in range(150, 1150, 100):
        level = np.abs(np.fft.ifft(spectrum * ((hz > low_hz) & (hz < low_hz + 100))))[::every]
        level = level - level.mean()
        whole = np.fft.irfft(np.abs(np.fft.rfft(level, 2 * len(level))) ** 2)[: len(best)]
        best += whole / whole[0] * len(level) / (len(level) - np.arange(len(best))) / 10
    return float(best[round(shortest_s * RATE_HZ / every) :].max())


def test_pitch_partials_and_noise_are_the_recording() -> None:
    sound = bowed(1)
    apart = analysed(sound, RATE_HZ, 222.0)
    whole = sounding(apart.partials, phase_of(apart.pitch_hz, RATE_HZ, len(sound))) + apart.noise
    assert np.abs(whole - sound).max() < 1e-9
    steady = slice(RATE_HZ // STEP // 2, -RATE_HZ // STEP // 2)
    cents = 1200 * np.log2(apart.pitch_hz[steady] / PITCH_HZ)
    assert abs(cents.mean()) < 1.0
    assert cents.max() == pytest.approx(12.0, abs=1.5)  # the vibrato is in the pitch
    assert 10 * np.log10((apart.noise**2).mean() / (sound**2).mean()) < -25.0


def test_a_bow_lasts_without_a_loop() -> None:
    own = bow(bowed(1), RATE_HZ, PITCH_HZ)
    others = [
        bow(bowed(seed, pitch_hz=PITCH_HZ * 2 ** (step / 12)), RATE_HZ, PITCH_HZ * 2 ** (step / 12))
        for seed, step in ((2, -1), (3, 1), (4, 2))
    ]
    long = prolonged_bow(own, others, 10.0, seed=7)
    assert len(long) == round(10.0 * RATE_HZ / STEP) * STEP
    levels_db = 20 * np.log10(np.std(long[RATE_HZ // 2 :][: 9 * RATE_HZ].reshape(18, -1), axis=1))
    assert np.ptp(levels_db) < 1.0
    loop = np.tile(bowed(1)[RATE_HZ : RATE_HZ + RATE_HZ * 6 // 5], 8)
    assert loop_strength(loop) > 0.9
    assert loop_strength(long) < 0.6
    assert np.array_equal(prolonged_bow(own, others, 10.0, seed=7), long)


def test_no_bow_is_read_twice_in_one_direction() -> None:
    bows = [bow(bowed(seed), RATE_HZ, PITCH_HZ) for seed in range(4)]
    pieces, blend = planned(bows, round(9 * RATE_HZ / STEP), np.random.default_rng(1))
    assert len({(piece.bow, piece.back) for piece in pieces}) == len(pieces) > 4
    assert blend * STEP / RATE_HZ > 0.9
    with pytest.raises(ValueError, match="give more of them"):
        planned(bows[:2], round(60 * RATE_HZ / STEP), np.random.default_rng(1))


def test_a_choir_lasts_without_a_loop_and_keeps_its_sides() -> None:
    chance = np.random.default_rng(3)
    spectrum = np.fft.rfft(chance.standard_normal((3 * RATE_HZ, 2)), axis=0)
    hz = np.fft.rfftfreq(3 * RATE_HZ, 1 / RATE_HZ)
    sung = np.fft.irfft(spectrum * ((np.abs(hz % 200 - 100) > 80) & (hz < 1200) & (hz > 100))[:, np.newaxis], axis=0)
    sung /= np.abs(sung).max()
    long = prolonged(sung, RATE_HZ, RATE_HZ // 2, 12.0, seed=5)
    assert len(long) == 12 * RATE_HZ
    assert np.array_equal(long[: RATE_HZ // 2], sung[: RATE_HZ // 2])
    levels_db = 20 * np.log10(np.std(long[: 12 * RATE_HZ, 0].reshape(12, -1), axis=1))
    assert np.ptp(levels_db) < 2.5
    assert loop_strength(np.tile(sung[RATE_HZ : 5 * RATE_HZ // 2, 0], 8)) > 0.9
    assert loop_strength(long[:, 0]) < 0.4
    assert abs(np.corrcoef(long.T)[0, 1] - np.corrcoef(sung.T)[0, 1]) < 0.15


def test_a_bell_rings_on_as_each_of_its_partials_fell() -> None:
    at = np.arange(5 * RATE_HZ) / RATE_HZ
    rung = {523.0: (0.5, 12.0), 1447.0: (0.2, 20.0), 2822.0: (0.1, 35.0)}
    true = sum(size * np.exp(-fall / 8.686 * at) * np.sin(2 * np.pi * hz * at) for hz, (size, fall) in rung.items())
    heard = np.stack([true, 0.8 * true], axis=1)
    stopped = heard[: RATE_HZ // 2] + 1e-5 * np.random.default_rng(1).standard_normal((RATE_HZ // 2, 2))
    whole = rung_out(stopped, RATE_HZ, 4.0, judged_s=0.3, blend_s=0.05)
    error = whole[: 4 * RATE_HZ] - heard[: len(whole)][: 4 * RATE_HZ]
    later = slice(RATE_HZ // 2, 2 * RATE_HZ)
    assert 10 * np.log10((error[later] ** 2).mean() / (heard[later] ** 2).mean()) < -25.0
    poles = partials(stopped[-RATE_HZ // 3 :, 0], RATE_HZ)
    falls = decays_db_per_s(poles, RATE_HZ)
    for hz, (_, fall) in rung.items():
        nearest = np.argmin(np.abs(poles.imag * RATE_HZ / (2 * np.pi) - hz))
        assert falls[nearest] == pytest.approx(fall, rel=0.1)
    assert cents_above(poles, RATE_HZ, 520.0) == pytest.approx(1200 * np.log2(523 / 520), abs=0.5)
