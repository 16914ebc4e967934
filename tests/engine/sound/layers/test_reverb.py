"""The rooms the stems ring in: as long as asked, dense, wide, even in colour, and each stem in its own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ, STEMS
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.layers.reverb import LENGTHS, Reverb, ReverbTargets, line_gains

PLACE = STEMS.index("bells")
FLOOR = (1e-8 * np.random.default_rng(1).standard_normal(STEP_FRAMES)).astype(np.float32)


def targets(decay_s: float, lowpass_hz: float = 6000.0, send: float = 1.0) -> ReverbTargets:
    stems = np.ones(len(STEMS))
    return ReverbTargets(decay_s, lowpass_hz, spoken=0 * stems, direct=0 * stems, send=send * stems)


def rung(audio: np.ndarray, decay_s: float, seconds: float) -> np.ndarray:
    """What rings of `audio` [frames, 2] in one stem, all others silent; [frames, CHANNELS]."""
    steps = round(seconds * SAMPLE_RATE_HZ / STEP_FRAMES)
    body = np.zeros((steps * STEP_FRAMES, CHANNELS), dtype=np.float32)
    body[: len(audio), 2 * PLACE : 2 * PLACE + 2] = audio
    heard = np.zeros((STEP_FRAMES, len(STEMS) + 1), dtype=np.float32)
    reverb, wanted = Reverb(), targets(decay_s)
    return np.concatenate([reverb.process(part, heard, wanted, FLOOR) for part in np.split(body, steps)])


def response(decay_s: float, seconds: float) -> np.ndarray:
    return rung(np.ones((1, 2), dtype=np.float32), decay_s, seconds)[:, 2 * PLACE : 2 * PLACE + 2].astype(np.float64)


@pytest.mark.parametrize("decay_s", [0.5, 2.0, 5.0, 20.0])
def test_it_rings_as_long_as_asked(decay_s: float) -> None:
    low = sosfiltfilt(
        butter(4, [100, 500], "band", fs=SAMPLE_RATE_HZ, output="sos"), response(decay_s, 0.7 * decay_s)[:, 0]
    )
    left_db = 10 * np.log10(np.cumsum(low[::-1] ** 2)[::-1] / np.sum(low**2) + 1e-20)
    fall_s = (np.argmax(left_db < -25) - np.argmax(left_db < -5)) / SAMPLE_RATE_HZ
    assert 3 * fall_s == pytest.approx(decay_s, rel=0.12)


def test_it_is_soon_as_dense_as_noise_and_without_ringing_pitches() -> None:
    """Echo density after Abel and Huang (AES 121, 2006): 1 for noise; and peaks of the tail's spectrum as noise has."""
    tail = response(5.0, 3.0)[:, 0]
    window = tail[round(0.15 * SAMPLE_RATE_HZ) : round(0.19 * SAMPLE_RATE_HZ)]
    density = np.mean(np.abs(window) > window.std()) / 0.3173
    assert density > 0.9
    piece = tail[SAMPLE_RATE_HZ : 2 * SAMPLE_RATE_HZ] * np.hanning(SAMPLE_RATE_HZ)
    lines_db = 20 * np.log10(np.abs(np.fft.rfft(piece))[200:3000] + 1e-20)
    smooth_db = np.convolve(lines_db, np.ones(201) / 201, "same")
    assert (lines_db - smooth_db)[150:-150].std() < 9.0  # 5.6 for noise, 19 for Freeverb


def test_it_is_wide_and_keeps_a_side_on_its_side() -> None:
    both = response(2.0, 1.5)
    assert abs(np.corrcoef(both.T)[0, 1]) < 0.1
    left = rung(np.array([[1.0, 0.0]], dtype=np.float32), 2.0, 1.5)[:, 2 * PLACE : 2 * PLACE + 2]
    energy = (left[: round(0.1 * SAMPLE_RATE_HZ)] ** 2).sum(axis=0)
    assert energy[0] > 2 * energy[1]


def test_it_is_about_as_loud_as_what_goes_in_and_stays_in_its_stem() -> None:
    rng = np.random.default_rng(2)
    audio = np.repeat(0.1 * rng.standard_normal((4 * SAMPLE_RATE_HZ, 1)), 2, axis=1)
    audio = sosfiltfilt(butter(1, [150, 1500], "band", fs=SAMPLE_RATE_HZ, output="sos"), audio, axis=0)
    for decay_s in (1.0, 8.0):
        out = rung(audio.astype(np.float32), decay_s, 4.0)
        heard = out[-SAMPLE_RATE_HZ:, 2 * PLACE]
        assert 0.5 < heard.std() / audio[-SAMPLE_RATE_HZ:].std() < 1.6
        assert np.abs(np.delete(out, [2 * PLACE, 2 * PLACE + 1], axis=1)).max() < 1e-5


@pytest.mark.parametrize("decay_s", [0.5, 20.0])
@pytest.mark.parametrize("lowpass_hz", [500.0, 16_000.0])
def test_no_line_ever_gains(decay_s: float, lowpass_hz: float) -> None:
    forward, back = line_gains(decay_s, lowpass_hz)
    assert (back >= 0).all()
    assert (forward + back * (forward / (1 - back)) < 1).all()
    assert np.gcd.reduce(LENGTHS) == 1


def test_a_room_that_changes_size_makes_no_click() -> None:
    place = np.arange(24 * STEP_FRAMES)
    tone = (0.2 * np.sin(2 * np.pi * 110 * place / SAMPLE_RATE_HZ)).astype(np.float32)
    body = np.zeros((place.size, CHANNELS), dtype=np.float32)
    body[:, 2 * PLACE] = body[:, 2 * PLACE + 1] = tone
    heard = np.zeros((STEP_FRAMES, len(STEMS) + 1), dtype=np.float32)
    reverb = Reverb()
    changes = [targets(5.0)] * 12 + [targets(0.5, 1000.0)] * 4 + [targets(20.0)] * 8
    out = [reverb.process(part, heard, now, FLOOR) for part, now in zip(np.split(body, 24), changes, strict=True)]
    rings = np.concatenate(out)[12 * STEP_FRAMES :, 2 * PLACE]
    assert np.abs(np.diff(rings, 2)).max() < 1.5e-3
