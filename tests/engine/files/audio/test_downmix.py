"""Two channels and one from any number: usual weights, and nothing that sounds is lost."""

from __future__ import annotations

import numpy as np
import pytest

from engine.files.audio.downmix import stereo_weights, to_mono, to_stereo

TONE = np.asarray(0.5 * np.sin(np.arange(48_000) / 20.0), np.float32)
HALF = 0.5**0.5


def alone(channel: int, channels: int) -> np.ndarray:
    sound = np.zeros((len(TONE), channels), np.float32)
    sound[:, channel] = TONE
    return sound


@pytest.mark.parametrize(
    ("channel", "left", "right"),
    [(0, 1.0, 0.0), (1, 0.0, 1.0), (2, HALF, HALF), (3, 1.0, 1.0), (4, HALF, 0.0), (5, 0.0, HALF)],
)
def test_each_channel_of_5_1_alone(channel: int, left: float, right: float) -> None:
    """Left, right, centre, low frequencies (which count only where they are all there is), and both surrounds."""
    stereo = to_stereo(alone(channel, 6))
    assert np.allclose(stereo, np.stack([left * TONE, right * TONE], axis=1), atol=1e-6)


@pytest.mark.parametrize("channels", range(1, 17))
@pytest.mark.parametrize("container", ["WAV", "OGG"])
def test_no_channel_is_lost(channels: int, container: str) -> None:
    for channel in range(channels):
        sound = alone(channel, channels)
        assert np.abs(to_stereo(sound, container)).max() > 0.1
        assert np.abs(to_mono(sound, container)).max() > 0.1


def test_low_frequencies_beside_others_are_left_out_and_ogg_has_its_own_order() -> None:
    both = alone(0, 6)
    both[:, 3] = 0.1 * TONE
    assert np.allclose(to_stereo(both)[:, 0], TONE, atol=1e-6)
    assert stereo_weights(6, "OGG")[1] == pytest.approx([HALF, HALF])
    assert stereo_weights(6)[2] == pytest.approx([HALF, HALF])


@pytest.mark.parametrize("right", [-1.0, -0.98, -0.8])
def test_sides_that_cancel_keep_the_louder_one(right: float) -> None:
    for sides in ([TONE, right * TONE], [right * TONE, TONE]):
        assert np.array_equal(np.abs(to_mono(np.stack(sides, axis=1))), np.abs(TONE))


def test_sides_that_cancel_only_for_a_while() -> None:
    sound = np.stack([TONE, TONE], axis=1)
    sound[20_000:40_000, 1] *= -1
    assert np.array_equal(to_mono(sound), TONE)


def test_usual_stereo_is_averaged() -> None:
    noise = np.random.default_rng(1).normal(0.0, 0.1, (48_000, 2)).astype(np.float32)
    for sound in (noise, np.stack([TONE, TONE], axis=1), alone(1, 2), np.stack([TONE, -0.3 * TONE], axis=1)):
        assert np.allclose(to_mono(sound), sound.mean(axis=1), atol=1e-7)


def test_rear_channels_against_front_ones() -> None:
    """An expanded stereo whose surrounds are the front turned round: each side would lose 3 dB only, and is kept."""
    sound = alone(0, 4)
    sound[:, 2] = -TONE / HALF
    assert np.abs(to_stereo(sound)).max() > 0.4


def test_nothing_and_what_is_no_number() -> None:
    assert to_mono(np.zeros((0, 6))).shape == (0,)
    assert not to_mono(np.zeros((100, 6))).any()
    assert np.isnan(to_mono(np.full((100, 2), np.nan))).all()
