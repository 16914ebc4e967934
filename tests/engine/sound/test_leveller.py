"""The leveller: steady loudness, gently, with every stem treated alike, and no peak too high."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.leveller import _MOST_QUICK_DB, CEILING, MOST_RIDE_DB, TARGET_LUFS, USUAL_GAIN_DB, Leveller

STEP = 4096
STEPS_PER_S = SAMPLE_RATE_HZ / STEP


def play(levels: list[float], stems: int = 3, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Noise at the given level per step through a leveller: all stems, and the sum."""
    rng, leveller = np.random.default_rng(seed), Leveller(STEP)
    outs, mixes = [], []
    for level in levels:
        audio = (level * rng.standard_normal((STEP, 2 * stems))).astype(np.float32)
        mixes.append(leveller.process(audio))
        outs.append(audio)
    return np.concatenate(outs), np.concatenate(mixes)


@pytest.mark.parametrize("level", [0.003, 0.004, 0.006])
def test_loudness_settles_at_the_target(level: float) -> None:
    _, mix = play([level] * round(40 * STEPS_PER_S))
    late = mix[round(25 * SAMPLE_RATE_HZ) :]
    assert pyloudnorm.Meter(SAMPLE_RATE_HZ).integrated_loudness(late) == pytest.approx(TARGET_LUFS, abs=1.0)


def test_gain_moves_on_ramps_and_stays_within_its_range() -> None:
    leveller, rng, gains = Leveller(STEP), np.random.default_rng(1), []
    for step in range(round(30 * STEPS_PER_S)):
        level = 1e-3 if step % 200 < 100 else 0.05
        leveller.process((level * rng.standard_normal((STEP, 6))).astype(np.float32))
        gains.append(leveller.gain_db)
    assert np.diff(gains).max() < 5.0, "up at the pace of a hand, in a step of 85 ms"
    assert max(abs(gain - USUAL_GAIN_DB) for gain in gains) <= MOST_RIDE_DB + _MOST_QUICK_DB


def test_an_attack_after_a_lifted_rest_is_no_louder_than_any_other() -> None:
    second, rest = round(STEPS_PER_S), round(3 * STEPS_PER_S)
    _, mix = play([0.004] * 20 * second + [0.0006] * rest + [0.004] * second)
    loudness = [_lufs(step) for step in mix[-(second + rest) * STEP :].reshape(-1, STEP, 2)]
    assert loudness[rest - 1] > TARGET_LUFS - 4.0, "the rest was lifted"
    assert max(loudness[rest + 1 :]) < TARGET_LUFS + 3.1, "the gain is down when the attack's step is over"


def _lufs(step: np.ndarray) -> float:
    """Of white noise, which the weighting makes 3.2 dB louder."""
    return float(-0.691 + 10 * np.log10((step**2).mean(axis=0).sum()) + 3.2)


def test_a_rest_is_not_pumped_up() -> None:
    leveller, rng = Leveller(STEP), np.random.default_rng(1)
    for _ in range(100):
        leveller.process((0.003 * rng.standard_normal((STEP, 6))).astype(np.float32))
    for _ in range(300):
        leveller.process(np.zeros((STEP, 6), dtype=np.float32))
    resting = leveller.gain_db
    for _ in range(300):
        leveller.process(np.zeros((STEP, 6), dtype=np.float32))
    assert leveller.gain_db == resting


@given(st.lists(st.floats(0, 3), min_size=2, max_size=12), st.integers(0, 99))
@settings(max_examples=40)
def test_no_peak_of_the_sum_exceeds_the_ceiling_and_stems_keep_their_balance(levels: list[float], seed: int) -> None:
    stems, mix = play(levels, seed=seed)
    assert np.abs(mix).max() <= CEILING * 1.001
    assert np.allclose(stems[:, 0::2].sum(axis=1), mix[:, 0], atol=1e-4)


def test_limiting_a_low_tone_is_smooth() -> None:
    leveller, heard = Leveller(STEP), []
    for step in range(24):
        place = step * STEP + np.arange(STEP)
        tone = 0.05 * (6.0 if 8 <= step < 10 else 1.0) * np.sin(2 * np.pi * 110 * place / SAMPLE_RATE_HZ)
        audio = np.repeat(tone[:, None], 2, axis=1).astype(np.float32)
        if step in (8, 10):
            audio[:512] *= np.linspace(1 / 6 if step == 8 else 6, 1, 512, dtype=np.float32)[:, None]
        heard.append(leveller.process(audio))
    assert np.abs(np.diff(np.concatenate(heard), 2, axis=0)).max() < 0.02


def test_same_input_same_output() -> None:
    assert np.array_equal(play([0.01] * 30)[0], play([0.01] * 30)[0])
