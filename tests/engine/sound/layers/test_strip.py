"""Channel strips: filters as in textbooks, calm whatever is asked; a compressor that lets soft sound be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.signal import butter, sosfreqz

from engine.parameters.stems import LAYERS, SAMPLE_RATE_HZ, STEMS
from engine.sound.layers.layers import Layers
from engine.sound.layers.manual_server import STEP_FRAMES
from tests.engine.sound.layers.test_layers import CELLO, DRY, silence, stereo

CUT = {"highpass_hz": ("high", 20.0), "lowpass_hz": ("low", 20_000.0)}


@pytest.fixture
def layers() -> Iterator[Layers]:
    made = Layers(1)
    yield made
    made.close()


@pytest.mark.parametrize("name", CUT)
@pytest.mark.parametrize("cut_hz", [250.0, 1000.0])
def test_the_filters_are_butterworth_filters_of_second_order(layers: Layers, name: str, cut_hz: float) -> None:
    impulse = silence()
    impulse[2 * CELLO, 0] = 1.0
    values = DRY | {f"/layer/cello/{name}": cut_hz}
    for _ in range(2):
        layers.process(silence() + 1e-7, values, "D")
    heard = np.abs(np.fft.rfft(stereo(layers.process(impulse, values, "D"), CELLO)[:, 0]))[20:800]
    lines_hz = np.fft.rfftfreq(STEP_FRAMES, 1 / SAMPLE_RATE_HZ)[20:800]
    expected = sosfreqz(butter(2, cut_hz, CUT[name][0], fs=SAMPLE_RATE_HZ, output="sos"), lines_hz, fs=SAMPLE_RATE_HZ)
    assert heard == pytest.approx(np.abs(expected[1]), rel=0.08, abs=0.01)


@given(st.lists(st.tuples(st.floats(20, 2000), st.floats(200, 20_000)), min_size=2, max_size=6))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_filters_stay_calm_whatever_they_are_moved_to(layers: Layers, cuts: list[tuple[float, float]]) -> None:
    rng = np.random.default_rng(1)
    for low_hz, high_hz in cuts:
        values = DRY | {f"/layer/{layer}/highpass_hz": low_hz for layer in LAYERS}
        values |= {f"/layer/{layer}/lowpass_hz": high_hz for layer in LAYERS}
        audio = (0.1 * rng.standard_normal((2 * len(LAYERS), STEP_FRAMES))).astype(np.float32)
        assert np.abs(layers.process(audio, values, "D")).max() < 1.2


def test_compression_takes_from_the_loud_and_gives_to_the_soft(layers: Layers) -> None:
    place = np.arange(STEP_FRAMES)
    tone = np.sin(2 * np.pi * 515.625 * place / SAMPLE_RATE_HZ).astype(np.float32)  # whole turns in a step
    gains = []
    for level in (0.003, 0.8):
        audio = np.tile(level * tone, (2 * len(LAYERS), 1))
        for _ in range(24):
            out = layers.process(audio.copy(), DRY | {"/layer/cello/compressor": 1.0}, "D")
        gains.append(stereo(out, CELLO).std() / audio[0].std())
    assert gains[0] > 2.0
    assert gains[1] < 0.5


def test_both_sides_are_compressed_alike(layers: Layers) -> None:
    rng = np.random.default_rng(1)
    audio = silence()
    audio[2 * CELLO] = 0.5 * rng.standard_normal(STEP_FRAMES)
    audio[2 * CELLO + 1] = 0.05 * rng.standard_normal(STEP_FRAMES)
    for _ in range(8):
        out = layers.process(audio.copy(), DRY | {"/layer/cello/compressor": 1.0}, "D")
    left, right = stereo(out, CELLO).std(axis=0)
    assert left / right == pytest.approx(10.0, rel=0.1)


def test_a_layer_that_is_silent_costs_nothing(layers: Layers) -> None:
    for _ in range(20):
        layers.process(silence(), DRY, "D")
    assert not any(strip.awake for strip in layers._mixer._strips)
    assert [one.awake for one in layers._mixer._returns.values()] == [False] * 3
    sounding = silence()
    sounding[2 * CELLO] = 0.1
    layers.process(sounding, DRY | {"/layer/cello/near": 0.5}, "D")
    awake = [STEMS[number] for number, strip in enumerate(layers._mixer._strips) if strip.awake]
    assert awake == ["cello"]
    assert [name for name, one in layers._mixer._returns.items() if one.awake] == ["near"]
