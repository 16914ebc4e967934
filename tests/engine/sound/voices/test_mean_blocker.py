"""Products of matrices are the filter that SciPy knows, in pieces of any length."""

import numpy as np
import pytest
from scipy.signal import butter, lfilter

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.voices.mean_blocker import CUT_HZ, MeanBlocker


@pytest.mark.parametrize("pieces", [[64, 4096, 192, 9_984, 640], [14_976]])
def test_it_is_the_butterworth_filter(pieces: list[int]) -> None:
    sound = (0.1 * np.random.default_rng(1).standard_normal((4, 14_976)) + 0.07).astype(np.float32)
    wanted = lfilter(*butter(1, CUT_HZ, "highpass", fs=SAMPLE_RATE_HZ), sound.astype(np.float64), axis=1)
    blocker, start = MeanBlocker(4), 0
    for frames in pieces:
        blocker.apply(sound[:, start : start + frames])
        start += frames
    assert np.abs(sound - wanted).max() < 1e-7


def test_a_mean_dies_away_for_good() -> None:
    """Half a minute of a direct current: what is rounded off does not build up."""
    blocker = MeanBlocker(1)
    for _ in range(30 * SAMPLE_RATE_HZ // 4096):
        sound = np.full((1, 4096), 0.07, np.float32)
        blocker.apply(sound)
    assert np.abs(sound).max() < 1e-8
