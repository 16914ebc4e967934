"""How much levels move for how loud they are: what a classifier hears first, so what drawn levels must have of real.

Movement is how far the level of a few bands together steps over some frames, on average over nearly a second: a held
tone must not waver, and hiss must. How much is right depends on how loud it is, for what is loud is mostly tone. So
means are taken apart for each style, channel, part of the frequency axis and loudness.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from models.textures.spectral.bands import NOUGHT_DB, UNIT_DB
from models.textures.spectral.codec import CHANNELS
from models.textures.training.way_back import STILL_FRAMES, UNREST_FRAMES, pooled_level

POOLED_BANDS: Final = {1: 0.1, 4: 0.3, 8: 0.3, 16: 0.3}
"""Together, and what share each has: neighbours waver together, which single bands do not show."""
PARTS: Final = 16
"""Of the frequency axis."""
LOUDNESSES: Final = 10
LOUDNESS_DB: Final = 12.0
QUIETEST_DB: Final = -90.0
LEAST_COUNT: Final = 30
"""So many movements make a mean."""
LEAST_DEVIATION_DB: Final = 0.15
REMEMBERED: Final = 0.9
"""Of the running means of drawn levels, from step to step: those of one batch are of few scenes."""

Kind = tuple[int, int]
"""Bands together, and frames from one moment to the next."""


class Movement(NamedTuple):
    """Of one kind: how far levels moved in dB, and the cell that each movement belongs to, both [N]."""

    moved_db: Tensor
    cell: Tensor


def cells(styles: int) -> int:
    return styles * CHANNELS * PARTS * LOUDNESSES


def movements(levels: Tensor, style: Tensor) -> Iterator[tuple[Kind, Movement]]:
    """Of levels [B x CHANNELS x T x BANDS] of styles [B], kind by kind; T is STILL_FRAMES and the longest step at
    least."""
    for together in POOLED_BANDS:
        pooled = pooled_level(levels, together)
        for step in UNREST_FRAMES:
            moved = (pooled[:, :, step:] - pooled[:, :, :-step]).abs()
            moved_db = UNIT_DB * functional.avg_pool2d(moved, (STILL_FRAMES, 1))
            heard = pooled[:, :, : STILL_FRAMES * moved_db.shape[2]].detach()
            level_db = UNIT_DB * functional.avg_pool2d(heard, (STILL_FRAMES, 1)) + NOUGHT_DB
            yield (together, step), Movement(moved_db.flatten(), cell_of(level_db, style).flatten())


def cell_of(level_db: Tensor, style: Tensor) -> Tensor:
    """Cells of levels [B x CHANNELS x windows x bands] of styles [B], int64."""
    device, bands = level_db.device, level_db.shape[3]
    loudness = ((level_db - QUIETEST_DB) / LOUDNESS_DB).long().clamp(0, LOUDNESSES - 1)
    part = torch.arange(bands, device=device) * PARTS // bands
    channel = torch.arange(CHANNELS, device=device)[:, None, None]
    return ((style[:, None, None, None] * CHANNELS + channel) * PARTS + part) * LOUDNESSES + loudness


class Moments:
    """Of the movements of each kind: how many there are in each cell, their sum, and the sum of their squares."""

    def __init__(self, styles: int, device: torch.device) -> None:
        steps = [(together, step) for together in POOLED_BANDS for step in UNREST_FRAMES]
        self.sums = {kind: torch.zeros(3, cells(styles), device=device) for kind in steps}

    @torch.no_grad()
    def add(self, levels: Tensor, style: Tensor) -> None:
        for kind, movement in movements(levels, style):
            for sums, power in zip(self.sums[kind], range(3), strict=True):
                sums.index_add_(0, movement.cell, movement.moved_db.float() ** power)

    def wanted(self, kind: Kind) -> tuple[Tensor, Tensor, Tensor]:
        """Means and deviations of cells in dB, and in which there are enough movements to say so, each [cells]."""
        count, total, squares = self.sums[kind]
        mean = total / count.clamp(min=1.0)
        deviation = (squares / count.clamp(min=1.0) - mean**2).clamp(min=0.0).sqrt()
        return mean, deviation + LEAST_DEVIATION_DB, count > LEAST_COUNT


class MovementMatch:
    """How far the mean movements of drawn levels are from real ones, in squared deviations; a running mean."""

    def __init__(self, real: Moments) -> None:
        self.wanted = {kind: real.wanted(kind) for kind in real.sums}
        self.running = {kind: torch.zeros_like(sums[:2]) for kind, sums in real.sums.items()}

    def __call__(self, levels: Tensor, style: Tensor) -> Tensor:
        """Of drawn levels [B x CHANNELS x T x BANDS] of styles [B]; its gradient is that of this batch alone."""
        misses = []
        for kind, movement in movements(levels, style):
            mean_db, deviation_db, known = self.wanted[kind]
            here = torch.zeros_like(self.running[kind])
            here = here.index_add(1, movement.cell, torch.stack([torch.ones_like(m := movement.moved_db), m]).float())
            count, total = REMEMBERED * self.running[kind] + (1.0 - REMEMBERED) * here
            self.running[kind] = torch.stack([count, total]).detach()
            miss = (total / count.clamp(min=1e-3) - mean_db) / deviation_db
            share = (count * known).detach()
            misses.append(POOLED_BANDS[kind[0]] * (share * miss**2).sum() / share.sum().clamp(min=1e-3))
        return torch.stack(misses).sum() / len(UNREST_FRAMES)
