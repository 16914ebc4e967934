"""Notes are struck where the conditions have them begin, and the forecast goes on with them."""

import numpy as np
import pytest

from models.textures.audio.linear_prediction import WINDOW, forecast, predictors
from models.textures.audio.mu_law import RATE_HZ
from models.textures.conditioning.conditions import CONDITIONS, PITCH_CLASSES
from models.textures.conditioning.onset_excitation import HIGHEST_PITCH, LOWEST_PITCH, REST_BLOCKS, Strike, lay, strikes

D, A = 2, 9


def conditions(blocks: int) -> np.ndarray:
    """Steady at a moderate level, no pitch class present."""
    asked = np.zeros((blocks, CONDITIONS), np.float32)
    asked[:, PITCH_CLASSES:] = 1.0
    return asked


def pitch_classes(found: list[Strike]) -> list[int]:
    return [round(69 + 12 * np.log2(strike.hz / 440.0)) % PITCH_CLASSES for strike in found]


def test_what_is_present_is_struck_at_the_start_and_what_comes_up_when_it_does() -> None:
    asked = conditions(200)
    asked[:, D] = 0.9
    asked[100:, A] = 0.9
    found = strikes(asked, np.random.default_rng(1))
    assert [strike.block for strike in found] == [0, 100]
    assert pitch_classes(found) == [D, A]
    assert all(440 * 2 ** ((LOWEST_PITCH - 69.1) / 12) < s.hz < 440 * 2 ** ((HIGHEST_PITCH - 68.9) / 12) for s in found)


def test_growing_louder_strikes_anew_but_never_twice_at_once() -> None:
    asked = conditions(200)
    asked[:, D] = 0.9
    asked[:50, PITCH_CLASSES:] = 0.2
    asked[50:53, PITCH_CLASSES:] = np.array([0.4, 0.7, 1.0])[:, None]
    found = strikes(asked, np.random.default_rng(1))
    assert len(found) == 2
    assert found[0].block == 0
    assert 50 < found[1].block < 56
    assert np.diff([strike.block for strike in found]).min() >= REST_BLOCKS


def test_nothing_present_strikes_nothing_and_louder_bands_strike_louder() -> None:
    assert strikes(conditions(50), np.random.default_rng(1)) == []
    quiet, loud = conditions(2), conditions(2)
    quiet[:, PITCH_CLASSES:] = 0.2
    quiet[:, D] = loud[:, D] = 1.0
    (soft,), (hard,) = (strikes(asked, np.random.default_rng(1)) for asked in (quiet, loud))
    assert hard.amplitude > 3 * soft.amplitude


def test_the_forecast_goes_on_with_what_was_laid() -> None:
    values = np.zeros(WINDOW, np.float32)
    lay(values, Strike(0, 330.0, 0.1))
    assert abs(values[-1]) < 0.1 * 2 * np.pi * 330.0 / RATE_HZ * 1.01
    taps = predictors(values[None], 64)[0]
    heard = np.concatenate([values, np.zeros(64, np.float32)])
    for step in range(64):
        heard[WINDOW + step] = forecast(heard, WINDOW + step, taps)
    wanted = 0.1 * np.sin(2 * np.pi * 330.0 * np.arange(64) / RATE_HZ)
    assert heard[WINDOW:] == pytest.approx(wanted, abs=0.01)
