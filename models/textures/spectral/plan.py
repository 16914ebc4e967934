"""A plan of a texture: the codec's codes, column by column of 128 ms, written by a transformer in two directions.

References:
  Lee et al. 2022, "Autoregressive Image Generation using Residual Quantization", https://arxiv.org/abs/2203.01941
    (a transformer over places, and a small one over the codes of a place)
  Dhariwal et al. 2020, "Jukebox: A Generative Model for Music", https://arxiv.org/abs/2005.00341
  Su et al. 2021 (rotary embedding), https://arxiv.org/abs/2104.09864
  So et al. 2021 (squared ReLU), https://arxiv.org/abs/2109.08668

One part looks back in time, half a minute far, and says what the next column is about. The other writes the column
from the lowest band upwards, knowing besides the two columns before it at the same height.
Drawing does not use this file: see `models.textures.spectral.plan_drawing`.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.textures.spectral.plan_sizes import PlanSizes

NEIGHBOURS: Final = 3
"""Rows of the columns before that are seen directly: the one below, the same, the one above."""
COLUMNS_SEEN: Final = 2
TURNS: Final = 10_000.0


class Block(nn.Module):
    """Attention to what came before, then a hidden layer; both from normalised input, both added to it."""

    def __init__(self, width: int, heads: int, turned: bool, dropout: float) -> None:
        super().__init__()
        self.heads, self.turned = heads, turned
        self.dropout = nn.Dropout(dropout)
        self.qkv = nn.Parameter(torch.randn(width, 3 * width) * width**-0.5)
        self.out = nn.Parameter(torch.zeros(width, width))
        self.up = nn.Parameter(torch.randn(width, 4 * width) * width**-0.5)
        self.down = nn.Parameter(torch.zeros(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        """x Tensor[B x T x width] to the same."""
        batch, length, width = x.shape
        q, k, v = (normal(x) @ self.qkv).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if self.turned:
            cosines, sines = (t.to(x.dtype) for t in turns(length, width // self.heads, x.device))
            q, k = turned(q, cosines, sines), turned(k, cosines, sines)
        heard = looked_back(q, k, v)
        x = x + self.dropout(heard.transpose(1, 2).reshape(batch, length, width) @ self.out)
        return x + self.dropout(torch.relu(normal(x) @ self.up).square() @ self.down)


def looked_back(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of q Tensor[B x heads x T x size] to k and v up to the same place.

    Written out: for columns as short as these torch's own takes seven times as long in bf16 on a processor.
    """
    ahead = torch.full((q.shape[2], q.shape[2]), -1e4, dtype=q.dtype, device=q.device).triu(1)
    logits = (q @ k.transpose(-1, -2)) * q.shape[-1] ** -0.5 + ahead
    return logits.softmax(dim=-1).to(v.dtype) @ v


def normal(x: Tensor) -> Tensor:
    return functional.rms_norm(x, x.shape[-1:], eps=1e-6)


def turns(length: int, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines [length x size / 2] of the angles by which places are turned."""
    rates = TURNS ** (-torch.arange(size // 2, dtype=torch.float64, device=device) * 2.0 / size)
    angles = torch.arange(length, dtype=torch.float64, device=device)[:, None] * rates
    return angles.cos().float(), angles.sin().float()


def turned(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cosines - b * sines, a * sines + b * cosines], dim=-1)


class Plan(nn.Module):
    def __init__(self, sizes: PlanSizes, dropout: float = 0.0) -> None:
        super().__init__()
        self.sizes = sizes
        width, own = sizes.width, sizes.row_width
        digits = sum(sizes.levels)
        self.seen = nn.Parameter(torch.randn(sizes.tokens, digits, width) * 0.08)
        self.first = nn.Parameter(torch.randn(width) * 0.1)
        self.condition = nn.Parameter(torch.randn(sizes.conditions, width) * 0.2)
        self.blocks = nn.ModuleList([Block(width, sizes.heads, True, dropout) for _ in range(sizes.layers)])
        self.about = nn.Parameter(torch.randn(width, own) * width**-0.5)
        self.place = nn.Parameter(torch.randn(sizes.tokens, own) * 0.3)
        self.before = nn.Parameter(torch.randn(digits, own) * 0.3)
        near = NEIGHBOURS * COLUMNS_SEEN * sizes.numbers
        self.near = nn.Parameter(torch.randn(near, own) * near**-0.5)
        self.row_blocks = nn.ModuleList([Block(own, sizes.row_heads, False, dropout) for _ in range(sizes.row_layers)])
        self.head = nn.Parameter(torch.zeros(own, sizes.codes))
        self.head_bias = nn.Parameter(torch.zeros(sizes.tokens, sizes.codes))
        strides, offsets = [1], [0]
        for count in sizes.levels[:-1]:
            strides.append(strides[-1] * count)
            offsets.append(offsets[-1] + count)
        self.register_buffer("strides", torch.tensor(strides), persistent=False)
        self.register_buffer("offsets", torch.tensor(offsets), persistent=False)
        self.register_buffer("counts", torch.tensor(sizes.levels), persistent=False)

    strides: Tensor
    offsets: Tensor
    counts: Tensor

    def digits(self, codes: Tensor) -> Tensor:
        """Digits [… x levels] of codes […]."""
        return codes[..., None] // self.strides % self.counts

    def forward(self, codes: Tensor, conditions: Tensor, chosen: Tensor | None = None) -> Tensor:
        """Scores for each code of each column.

        codes: int64 [B x T x tokens], groups of a row side by side; conditions: float [B x conditions].
        chosen: int64 [N], columns of the flattened B x T to score; all if not given.
        Returns scores [N x tokens x codes].
        """
        digits = self.digits(codes)  # [B x T x tokens x levels]
        about = self.looking_back(digits, conditions).flatten(0, 1)
        near = self.nearby(digits).flatten(0, 1)
        columns = digits.flatten(0, 1)
        if chosen is not None:
            about, near, columns = about[chosen], near[chosen], columns[chosen]
        x = self.place + (about @ self.about)[:, None] + near @ self.near
        before = functional.embedding(columns[:, :-1] + self.offsets, self.before).sum(dim=2)
        x = x + functional.pad(before, (0, 0, 1, 0))
        for block in self.row_blocks:
            x = block(x)
        return normal(x) @ self.head + self.head_bias

    def looking_back(self, digits: Tensor, conditions: Tensor) -> Tensor:
        """What the next column is about [B x T x width], from the columns before it and the conditions."""
        tokens, batch, length = self.sizes.tokens, digits.shape[0], digits.shape[1]
        table = self.seen.flatten(0, 1)
        step = sum(self.sizes.levels)
        places = (torch.arange(tokens, device=digits.device) * step)[:, None] + self.offsets
        heard = functional.embedding_bag((digits[:, :-1] + places).reshape(batch * (length - 1), -1), table, mode="sum")
        x = torch.cat([self.first.expand(batch, 1, -1), heard.view(batch, length - 1, -1)], dim=1)
        x = x + (conditions @ self.condition)[:, None]
        for block in self.blocks:
            x = block(x)
        return normal(x)

    def nearby(self, digits: Tensor) -> Tensor:
        """Numbers of the columns before, at the height of each code [B x T x tokens x near]; noughts where none are."""
        sizes = self.sizes
        values = (2.0 * digits - (self.counts - 1)) / (self.counts - 1)
        values = values.view(*digits.shape[:2], sizes.rows, sizes.numbers)  # groups of a row side by side
        padded = functional.pad(values, (0, 0, 1, 1, COLUMNS_SEEN, 0))
        seen = [
            padded[:, COLUMNS_SEEN - back : padded.shape[1] - back, at : at + sizes.rows]
            for back in range(1, COLUMNS_SEEN + 1)
            for at in range(NEIGHBOURS)
        ]
        rows = torch.cat(seen, dim=-1)  # [B x T x rows x near]
        return rows.repeat_interleave(sizes.groups, dim=2).to(self.near.dtype)
