"""The loop that drawing plans is compared with is the same network: its scores are those of the whole columns."""

from __future__ import annotations

import torch

from bench.torch_plan import TorchPlan
from models.textures.spectral.plan import Plan
from models.textures.spectral.plan_sizes import PlanSizes

SIZES = PlanSizes(width=32, layers=2, heads=2, row_width=16, row_layers=2, row_heads=2)
COLUMNS = 5


class Watched(TorchPlan):
    """Keeps the scores that it draws by."""

    def __init__(self, plan: Plan, conditions: torch.Tensor) -> None:
        super().__init__(plan, conditions, COLUMNS)
        self.kept: list[torch.Tensor] = []

    def scores(self, x, token, caches):  # type: ignore[no-untyped-def]
        found = super().scores(x, token, caches)
        self.kept.append(found)
        return found


def test_its_scores_are_those_of_the_network() -> None:
    torch.manual_seed(1)
    plan = Plan(SIZES)
    for values in plan.parameters():
        values.data.add_(0.2 * torch.randn_like(values))
    conditions = torch.zeros(SIZES.conditions)
    conditions[[1, 5, 8]] = 1.0
    loop = Watched(plan, conditions)
    for _ in range(COLUMNS):
        loop.advance()
    with torch.no_grad():
        wanted = plan(loop.codes[None], conditions[None])
    found = torch.stack(loop.kept).view_as(wanted)
    assert torch.allclose(found, wanted, atol=1e-3 * float(wanted.abs().max()))
    assert len(loop.codes.unique()) > COLUMNS
