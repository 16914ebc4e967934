"""What a drawing borrows: typical pieces, not how they begin, and only the scale that was asked for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.textures.conditioning.conditions import CONDITIONS, PITCH_CLASSES
from models.textures.conditioning.contours import CONTOUR_STRIDE, OPENING_BLOCKS, contours, planned


def test_contours_are_borrowed_from_typical_pieces() -> None:
    rng = np.random.default_rng(3)
    level = [0.2, 1.5, *rng.normal(0.8, 0.02, 38)]
    pieces = [np.full((250, CONDITIONS), one, np.float32) for one in level]
    chosen = contours([*pieces, pieces[5][:100]])
    assert len(chosen) == 20
    assert all(len(one) == 250 and abs(one[0, -1] - 0.8) < 0.05 for one in chosen)


@given(st.integers(0, 2**32 - 1), st.integers(1, 900), st.sets(st.integers(0, 11), min_size=1))
def test_a_plan_is_as_long_as_asked_in_scale_and_without_an_opening(seed: int, blocks: int, scale: set[int]) -> None:
    kept = np.full((3, 250, CONDITIONS), 0.5, np.float32)
    kept[:, : OPENING_BLOCKS // CONTOUR_STRIDE, PITCH_CLASSES:] = -1.0
    told = planned(kept, blocks, np.random.default_rng(seed), sorted(scale))
    assert told.shape == (blocks, CONDITIONS)
    assert told[:, PITCH_CLASSES:].min() >= 0.49
    assert not told[:, [n for n in range(PITCH_CLASSES) if n not in scale]].any()
