"""A plain cached loop in torch that draws plans, to set the compiled one beside: what most people would write."""

from __future__ import annotations

import torch
from torch import Tensor

from models.textures.spectral.plan import COLUMNS_SEEN, Block, Plan, normal, turned, turns

Cache = list[tuple[Tensor, Tensor]]
"""Keys and values of the places before, one pair each."""


class TorchPlan:
    """One plan on its way, at temperature 1 and without guidance. `codes` int64 [columns x tokens] fill up."""

    def __init__(self, plan: Plan, conditions: Tensor, columns: int) -> None:
        self.plan, self.told = plan, conditions @ plan.condition
        self.codes = torch.zeros(columns, plan.sizes.tokens, dtype=torch.int64)
        self.column = 0
        self.caches: list[Cache] = [[] for _ in plan.blocks]
        size = plan.sizes.width // plan.sizes.heads
        self.cosines, self.sines = turns(columns, size, torch.device("cpu"))

    @torch.no_grad()
    def advance(self) -> None:
        """Draws one column more."""
        about, near = self.about() @ self.plan.about, self.near() @ self.plan.near
        caches: list[Cache] = [[] for _ in self.plan.row_blocks]
        for token in range(self.codes.shape[1]):
            scores = self.scores(about + near[token], token, caches)
            self.codes[self.column, token] = torch.multinomial(scores.softmax(dim=-1), 1)
        self.column += 1

    def about(self) -> Tensor:
        """What the next column is about [width]."""
        x = self.told + (self.plan.first if self.column == 0 else self.heard())
        for block, cache in zip(self.plan.blocks, self.caches, strict=True):
            x = one_place(block, x, cache, (self.cosines[self.column], self.sines[self.column]))  # type: ignore[arg-type]
        return normal(x)

    def heard(self) -> Tensor:
        digits = self.plan.digits(self.codes[self.column - 1]) + self.plan.offsets
        return self.plan.seen[torch.arange(len(digits))[:, None], digits].sum(dim=(0, 1))

    def near(self) -> Tensor:
        """Numbers of the columns before, at the height of each code [tokens x near]."""
        seen = self.codes[max(0, self.column - COLUMNS_SEEN) : self.column + 1]
        return self.plan.nearby(self.plan.digits(seen[None]))[0, -1]

    def scores(self, x: Tensor, token: int, caches: list[Cache]) -> Tensor:
        """Of each code [codes] at one place of the column; what the places below left is in `caches`."""
        x = x + self.plan.place[token]
        if token:
            digits = self.plan.digits(self.codes[self.column, token - 1]) + self.plan.offsets
            x = x + self.plan.before[digits].sum(dim=0)
        for block, cache in zip(self.plan.row_blocks, caches, strict=True):
            x = one_place(block, x, cache, None)  # type: ignore[arg-type]
        return normal(x) @ self.plan.head + self.plan.head_bias[token]


def one_place(
    block: Block, x: Tensor, cache: list[tuple[Tensor, Tensor]], turn: tuple[Tensor, Tensor] | None
) -> Tensor:
    """Takes one place x [width] through a layer; its keys and values join those before in `cache`."""
    q, k, v = (normal(x) @ block.qkv).view(3, block.heads, -1)
    if turn is not None:
        q, k = turned(q, *turn), turned(k, *turn)
    cache.append((k, v))
    keys, values = (torch.stack(part, dim=1) for part in zip(*cache, strict=True))
    shares = (torch.einsum("hs,hts->ht", q, keys) * q.shape[-1] ** -0.5).softmax(dim=-1)
    x = x + torch.einsum("ht,hts->hs", shares, values).flatten() @ block.out
    return x + torch.relu(normal(x) @ block.up).square() @ block.down
