"""Plans to learn from are drawn in every style, half of them in scales that pieces have, the same each time."""

from __future__ import annotations

import numpy as np
import torch

from models.textures.spectral.plan import Plan
from models.textures.spectral.plan_sizes import PlanSizes
from models.textures.training.drawn_plans import COLUMNS, drawn_plans
from models.textures.training.plan import Planned

SIZES = PlanSizes(
    width=16, layers=1, heads=2, reach=20, row_width=16, row_layers=1, row_heads=2, styles=("low", "high")
)


def test_plans_to_learn_from() -> None:
    torch.manual_seed(1)
    weights = {name: value.detach().numpy() for name, value in Plan(SIZES).named_parameters()}
    own = np.eye(12, dtype=np.float32)
    known = [Planned(np.zeros((1, SIZES.tokens), np.int16), style, own[3 + style]) for style in (0, 1)]
    found = drawn_plans(weights, SIZES, known, seed=1, streams=4)
    assert [piece.style for piece in found] == [0] * 4 + [1] * 4
    assert [np.flatnonzero(piece.scale).tolist() for piece in found] == [[], [3], [], [3], [], [4], [], [4]]
    assert all(piece.codes.shape == (COLUMNS, SIZES.tokens) for piece in found)
    again = drawn_plans(weights, SIZES, known, seed=1, streams=4)
    assert all(np.array_equal(a.codes, b.codes) for a, b in zip(found, again, strict=True))
    assert not np.array_equal(found[0].codes, found[2].codes)
