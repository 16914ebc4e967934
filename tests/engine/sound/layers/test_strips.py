"""Channel strips: filters as in textbooks, calm whatever is asked; a compressor that lets soft sound be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, sosfreqz

from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ, STEMS
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.layers.strips import Strips, StripTargets

NO_FLOOR = np.zeros(STEP_FRAMES, dtype=np.float32)


def neutral() -> StripTargets:
    none, one = np.zeros(len(STEMS)), np.ones(len(STEMS))
    return StripTargets(none, none, none, 20 * one, 20_000 * one, keep=one, speech=none, echo=none)


def impulse(channel: int) -> np.ndarray:
    audio = np.zeros((CHANNELS, STEP_FRAMES), dtype=np.float32)
    audio[channel, 0] = 1.0
    return audio


@pytest.mark.parametrize(("name", "kind"), [("highpass_hz", "high"), ("lowpass_hz", "low")])
@pytest.mark.parametrize("cut_hz", [200.0, 1000.0])
def test_the_filters_are_butterworth_filters_of_second_order(name: str, kind: str, cut_hz: float) -> None:
    wanted = replace(neutral(), **{name: np.full(len(STEMS), cut_hz)})
    body, _ = Strips().process(impulse(7), wanted, False, NO_FLOOR)
    heard = np.abs(np.fft.rfft(body[:, 7]))[20:1000]
    lines_hz = np.fft.rfftfreq(STEP_FRAMES, 1 / SAMPLE_RATE_HZ)[20:1000]
    _, expected = sosfreqz(butter(2, cut_hz, kind, fs=SAMPLE_RATE_HZ, output="sos"), lines_hz, fs=SAMPLE_RATE_HZ)
    assert heard == pytest.approx(np.abs(expected), rel=0.05, abs=0.003)
    assert np.abs(np.delete(body, 7, axis=1)).max() == 0.0


@given(st.lists(st.tuples(st.floats(20, 2000), st.floats(200, 20_000)), min_size=2, max_size=6))
@settings(max_examples=15)
def test_filters_stay_calm_whatever_they_are_moved_to(cuts: list[tuple[float, float]]) -> None:
    strips, rng = Strips(), np.random.default_rng(1)
    for low_hz, high_hz in cuts:
        one = np.ones(len(STEMS))
        wanted = replace(neutral(), highpass_hz=low_hz * one, lowpass_hz=high_hz * one)
        audio = (0.1 * rng.standard_normal((CHANNELS, STEP_FRAMES))).astype(np.float32)
        body, _ = strips.process(audio, wanted, False, NO_FLOOR)
        assert np.abs(body).max() < 1.0


def test_compression_takes_from_the_loud_and_gives_to_the_soft() -> None:
    place = np.arange(STEP_FRAMES)
    tone = np.sin(2 * np.pi * 500 * place / SAMPLE_RATE_HZ).astype(np.float32)
    wanted = replace(neutral(), compressor=np.ones(len(STEMS)))
    gains = []
    for level in (0.003, 0.8):
        strips = Strips()
        audio = np.tile(level * tone, (CHANNELS, 1))
        for _ in range(4):
            body, _ = strips.process(audio, wanted, False, NO_FLOOR)
        gains.append(body[:, 0].std() / audio[0].std())
    assert gains[0] > 2.0
    assert gains[1] < 0.5


def test_what_is_said_and_sent_follows_its_knobs() -> None:
    one, half = np.ones(len(STEMS)), 0.5 * np.ones(len(STEMS))
    wanted = replace(neutral(), speech=one, echo=half)
    rng = np.random.default_rng(3)
    audio = (0.1 * rng.standard_normal((CHANNELS, STEP_FRAMES))).astype(np.float32)
    body, sends = Strips().process(audio, wanted, True, NO_FLOOR)
    both = body.reshape(STEP_FRAMES, len(STEMS), 2).sum(axis=2)
    assert np.allclose(sends[:-1].T, 0.5 * both, atol=1e-6)
    assert np.corrcoef(sends[-1], both.sum(axis=1))[0, 1] > 0.6  # the high cut turns phases
