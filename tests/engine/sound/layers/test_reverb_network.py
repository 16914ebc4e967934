"""The rooms that layers ring in: as long as asked, dense, wide, even in colour."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from bench.reverbs import TREBLE_HZ, highest_line_db
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.effects import far, near
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.reverb_network import ReverbNetwork, Shape, dampings, line_gains

SHAPES = pytest.mark.parametrize("shape", [far.SHAPE, near.SHAPE], ids=["far", "near"])


def rung(audio: np.ndarray, settings: list[tuple[float, float]], shape: Shape = far.SHAPE) -> np.ndarray:
    """What rings of `audio` [2, frames] while each step has its (decay_s, lowpass_hz); [frames, 2]."""
    server = ManualServer(2, 1)
    sides, memories = server.source(2)
    network = ReverbNetwork(sides, shape)
    network.out.out(0)
    out = []
    try:
        for number, values in enumerate([settings[0], settings[0], *settings]):
            network.set(*values)
            for memory, side in zip(memories, audio, strict=True):
                place = (number - 2) * STEP_FRAMES
                memory[:] = side[place : place + STEP_FRAMES] if number > 1 else 0.0
            out.append(server.process())
    finally:
        network.close()
        server.close()
    return np.concatenate(out[2:]).astype(np.float64)


def response(decay_s: float, seconds: float, shape: Shape, left: float = 1.0, right: float = 1.0) -> np.ndarray:
    steps = round(seconds * SAMPLE_RATE_HZ / STEP_FRAMES) + 1
    impulse = np.zeros((2, steps * STEP_FRAMES), dtype=np.float32)
    impulse[:, 0] = left, right
    return rung(impulse, [(decay_s, 6000.0)] * steps, shape)


@pytest.mark.parametrize(
    ("shape", "decay_s"),
    [(far.SHAPE, 0.5), (far.SHAPE, 2.0), (far.SHAPE, 5.0), (far.SHAPE, 20.0), (near.SHAPE, 0.2), (near.SHAPE, 1.5)],
)
def test_it_rings_as_long_as_asked(shape: Shape, decay_s: float) -> None:
    band = butter(4, [100, 500], "band", fs=SAMPLE_RATE_HZ, output="sos")
    low = sosfiltfilt(band, response(decay_s, 0.8 * decay_s, shape), axis=0)
    energy = (low**2).sum(axis=1)
    left_db = 10 * np.log10(np.cumsum(energy[::-1])[::-1] / energy.sum() + 1e-20)
    fall_s = (np.argmax(left_db < -35) - np.argmax(left_db < -5)) / SAMPLE_RATE_HZ
    assert 2 * fall_s == pytest.approx(decay_s, rel=0.1)


@SHAPES
def test_it_is_soon_as_dense_as_noise(shape: Shape) -> None:
    """Echo density after Abel and Huang (AES 121, 2006): 1 for noise."""
    tail = response(3.0, 1.0, shape)[:, 0]
    window = tail[round(0.2 * SAMPLE_RATE_HZ) : round(0.25 * SAMPLE_RATE_HZ)]
    assert np.mean(np.abs(window) > window.std()) / 0.3173 > 0.9


def test_the_far_room_has_no_ringing_pitches() -> None:
    """Peaks of the late spectrum over its course: noise has 10 dB, `pyo.Freeverb` 34."""
    tail = response(5.0, 2.2, far.SHAPE)[:, 0]
    piece = tail[SAMPLE_RATE_HZ : 2 * SAMPLE_RATE_HZ] * np.hanning(SAMPLE_RATE_HZ)
    lines_db = 20 * np.log10(np.abs(np.fft.rfft(piece))[200:3000] + 1e-20)
    over_db = (lines_db - np.convolve(lines_db, np.ones(201) / 201, "same"))[150:-150]
    assert over_db.std() < 8.5
    assert over_db.max() - np.median(over_db) < 18.0


@pytest.mark.parametrize(
    ("shape", "decay_s", "most_db"), [(far.SHAPE, 5.0, 20.0), (near.SHAPE, 1.5, 15.0)], ids=["far", "near"]
)
def test_no_pitch_whistles_on_in_the_treble(shape: Shape, decay_s: float, most_db: float) -> None:
    """The highest line over the median of a third of an octave while it falls from -20 to -45 dB: noise has 8 dB. It
    was 33 in the far room and 19 in the near one before what the matrix adds up passed a filter."""
    tail = response(decay_s, decay_s, shape)
    assert max(highest_line_db(tail, middle_hz) for middle_hz in TREBLE_HZ) < most_db


@SHAPES
def test_it_is_wide_and_keeps_a_side_on_its_side(shape: Shape) -> None:
    both = response(2.0, 1.5, shape)
    assert abs(np.corrcoef(both.T)[0, 1]) < 0.1
    left = response(2.0, 0.5, shape, right=0.0)
    energy = (left[: round(0.1 * SAMPLE_RATE_HZ)] ** 2).sum(axis=0)
    assert energy[0] > 1.5 * energy[1]


@pytest.mark.parametrize("decay_s", [1.0, 8.0])
def test_it_is_about_as_loud_as_what_goes_in(decay_s: float) -> None:
    steps = 60
    noise = 0.1 * np.random.default_rng(2).standard_normal((1, steps * STEP_FRAMES))
    audio = np.repeat(sosfiltfilt(butter(1, [150, 1500], "band", fs=SAMPLE_RATE_HZ, output="sos"), noise), 2, axis=0)
    out = rung(audio.astype(np.float32), [(decay_s, 6000.0)] * steps)
    assert 0.5 < out[-SAMPLE_RATE_HZ:].std() / audio[0, -SAMPLE_RATE_HZ:].std() < 1.6


@SHAPES
@pytest.mark.parametrize("decay_s", [0.2, 20.0])
@pytest.mark.parametrize("lowpass_hz", [500.0, 16_000.0])
def test_no_line_ever_gains(shape: Shape, decay_s: float, lowpass_hz: float) -> None:
    back = dampings(shape, lowpass_hz)
    assert ((back >= 0) & (back < 1)).all()
    assert (line_gains(np.array(shape.lines), decay_s) < 1).all()
    assert np.gcd.reduce(shape.lines) == 1


def test_a_room_that_changes_size_makes_no_click() -> None:
    place = np.arange(24 * STEP_FRAMES)
    tone = np.repeat(0.2 * np.sin(2 * np.pi * 110 * place[None] / SAMPLE_RATE_HZ), 2, axis=0).astype(np.float32)
    changes = [(5.0, 6000.0)] * 12 + [(0.5, 1000.0)] * 4 + [(20.0, 6000.0)] * 8
    rings = rung(tone, changes)[12 * STEP_FRAMES :]
    assert np.abs(np.diff(rings, 2, axis=0)).max() < 1.5e-3
