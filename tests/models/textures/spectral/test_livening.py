"""What levels lose in sound is given to them beforehand: movement, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from models.textures.spectral.bands import BANDS, CENTRES_HZ
from models.textures.spectral.livening import livened

AMONG = (CENTRES_HZ > 300.0) & (CENTRES_HZ < 1700.0)
OUTSIDE = (CENTRES_HZ < 150.0) | (CENTRES_HZ > 3200.0)


@pytest.fixture
def levels() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((2, 200, BANDS)).astype(np.float32)


def test_levels_move_further_where_movement_is_lost(levels: np.ndarray) -> None:
    further = livened(levels, 1.5)
    assert np.array_equal(further[..., OUTSIDE], levels[..., OUTSIDE])
    steps, before = (np.abs(np.diff(one[..., AMONG], axis=1)).mean() for one in (further, levels))
    assert 1.4 < steps / before < 1.51


def test_what_stands_still_stays_as_it_is(levels: np.ndarray) -> None:
    still = np.repeat(levels[:, :1], 50, axis=1)
    assert livened(still, 1.5) == pytest.approx(still, abs=1e-5)
    assert livened(levels, 1.0) is levels
