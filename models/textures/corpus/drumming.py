"""Drums made of sines that fall and of noise, in patterns with a backbeat. Every sound here is float64 [frames].

Kick and tom: a sine whose pitch falls fast; snare and clap: noise over a tone; hats: the top of noise, as the analogue
drum machines of 1980 had them. All at 48 kHz.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from models.textures.corpus.reverberation import RATE_HZ

Values = NDArray[np.float64]
STEPS: Final = 16
"""In a bar of four."""


def kick(rng: np.random.Generator) -> Values:
    t = _seconds(rng.uniform(0.25, 0.6))
    low_hz, drop_hz = rng.uniform(42.0, 60.0), rng.uniform(90.0, 260.0)
    phase = 2.0 * np.pi * np.cumsum(low_hz + drop_hz * np.exp(-t / rng.uniform(0.012, 0.04))) / RATE_HZ
    click = 0.2 * rng.standard_normal(len(t)) * np.exp(-t / 0.002)
    return np.asarray(np.tanh(1.5 * np.sin(phase)) * np.exp(-t / rng.uniform(0.08, 0.22)) + click)


def tom(rng: np.random.Generator) -> Values:
    t = _seconds(0.5)
    phase = 2.0 * np.pi * np.cumsum(rng.uniform(80.0, 190.0) * (1.0 + 0.5 * np.exp(-t / 0.03))) / RATE_HZ
    return np.asarray(0.7 * np.sin(phase) * np.exp(-t / rng.uniform(0.1, 0.2)))


def snare(rng: np.random.Generator) -> Values:
    t = _seconds(0.4)
    body = np.sin(2.0 * np.pi * rng.uniform(160.0, 230.0) * t) * np.exp(-t / 0.06)
    rattle = _noise_above(len(t), rng.uniform(700.0, 2000.0), rng) * np.exp(-t / rng.uniform(0.06, 0.14))
    return np.asarray(0.5 * body + 0.5 * rattle)


def clap(rng: np.random.Generator) -> Values:
    t = _seconds(0.35)
    hands = 0.4 * np.exp(-t / 0.09)
    for at in (0.0, 0.011, 0.022):
        hands += np.where(t > at, np.exp(-np.maximum(t - at, 0.0) / 0.008), 0.0)
    return np.asarray(0.4 * hands * _noise_above(len(t), 900.0, rng))


def hat(rng: np.random.Generator, is_open: bool = False) -> Values:
    t = _seconds(0.4 if is_open else 0.12)
    return np.asarray(0.25 * _noise_above(len(t), 6500.0, rng) * np.exp(-t / (0.14 if is_open else 0.025)))


def groove(rng: np.random.Generator, frames: int) -> Values:
    """A kit and a bar of its own, varied as it goes on; some in half time, as dubstep has it."""
    kit = {"kick": kick(rng), "snare": snare(rng) if rng.random() < 0.7 else clap(rng), "tom": tom(rng)}
    kit |= {"hat": hat(rng), "open": hat(rng, is_open=True)}
    step_s, swing = 60.0 / rng.uniform(70.0, 150.0) / 4.0, rng.uniform(0.0, 0.25)
    bar = _bar(rng)
    total, number = np.zeros(frames), 0
    while number * step_s * RATE_HZ < frames:
        for name, likely in bar.items():
            if rng.random() < likely[number % STEPS]:
                at_s = (number + swing * (number % 2)) * step_s + 0.004 * rng.standard_normal()
                _hit(total, rng.uniform(0.6, 1.0) * kit[name], round(at_s * RATE_HZ))
        number += 1
    return total


def _bar(rng: np.random.Generator) -> dict[str, Values]:
    """How likely each drum is at each step of a bar."""
    rare = {"kick": 0.06, "snare": 0.03, "tom": 0.02, "open": 0.02}
    bar = {name: np.full(STEPS, chance) for name, chance in rare.items()}
    bar["kick"][[0, *rng.choice(np.arange(2, STEPS), size=2, replace=False).tolist()]] = 0.95
    bar["snare"][[8] if rng.random() < 0.4 else [4, 12]] = 0.97
    every = int(rng.choice([1, 2, 2, 4]))
    bar["hat"] = np.where(np.arange(STEPS) % every == 0, 0.9, 0.12)
    return bar


def _seconds(length_s: float) -> Values:
    return np.arange(round(length_s * RATE_HZ)) / RATE_HZ


def _noise_above(frames: int, hz: float, rng: np.random.Generator) -> Values:
    high = scipy.signal.butter(2, hz, "highpass", fs=RATE_HZ, output="sos")
    return np.asarray(scipy.signal.sosfilt(high, rng.standard_normal(frames)))


def _hit(total: Values, sound: Values, start: int) -> None:
    first, last = max(0, start), min(len(total), start + len(sound))
    if last > first:
        total[first:last] += sound[first - start : last - start]
