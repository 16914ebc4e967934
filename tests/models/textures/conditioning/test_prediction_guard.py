"""A guide begins notes in their block, bounds surprise, and eases down what grows too loud."""

import numpy as np
import pytest

from models.textures.audio.linear_prediction import WINDOW, forecast, predictors
from models.textures.audio.mu_law import RATE_HZ, encode, expand
from models.textures.conditioning.conditions import measure
from models.textures.conditioning.onset_excitation import Strike
from models.textures.conditioning.prediction_guard import Guide, planned_loudness

TONE = (0.2 * np.sin(2 * np.pi * 330.0 * np.arange(WINDOW) / RATE_HZ)).astype(np.float32)


def test_notes_begin_in_their_block_and_stream() -> None:
    guide = Guide([[Strike(3, 220.0, 0.1)], [], [Strike(3, 330.0, 0.1)]])
    heard = np.zeros((3, WINDOW), np.float32)
    guide.begin(2, heard)
    assert not heard.any()
    guide.begin(3, heard)
    assert [bool(stream.any()) for stream in heard] == [True, False, True]


def test_surprise_is_a_share_of_loudness_and_ten_lets_everything_pass() -> None:
    heard = np.stack([np.full(100, 0.2), np.zeros(100)]).astype(np.float32)
    assert Guide(surprise=0.5).reach(heard) == pytest.approx([0.1, 0.02])
    assert np.all(np.isinf(Guide().reach(heard)))


def ahead(taps: np.ndarray) -> np.ndarray:
    """How a tone goes on by its forecast alone."""
    values = np.concatenate([TONE, np.zeros(2048, np.float32)])
    for step in range(2048):
        values[WINDOW + step] = forecast(values, WINDOW + step, taps)
    return values[WINDOW:]


def test_a_tone_louder_than_planned_fades_and_one_as_planned_does_not() -> None:
    heard = TONE[None]
    plain = predictors(heard, 64)[0]
    loud = Guide(loudness=np.full((1, 1), 0.03)).predictors(0, heard, 64)[0]
    meant = Guide(loudness=np.full((1, 1), 0.2)).predictors(0, heard, 64)[0]
    assert np.array_equal(meant, plain)
    assert np.abs(ahead(loud)[1024:]).max() < 0.5 * np.abs(ahead(plain)[1024:]).max()


def test_planned_loudness_is_that_of_the_coded_sound() -> None:
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    sound = 0.1 * np.sin(2 * np.pi * 500.0 * t) + 0.05 * np.sin(2 * np.pi * 1500.0 * t)
    planned = planned_loudness(measure(sound))[20:100].mean()
    assert 20 * np.log10(planned / np.sqrt(np.mean(expand(encode(sound)) ** 2))) == pytest.approx(0.0, abs=2.0)
