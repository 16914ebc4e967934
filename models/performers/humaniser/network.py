"""The humaniser as it learns: the score read in both directions, and note by note how late and how loud it is played.

GrooVAE (Gillick et al. 2019, arXiv 1905.06118) maps a quantised score to timing and velocity with recurrent networks.
Here each note's timing and velocity are drawn from classes, given those of the notes before, so that a chord is rolled
together and a louder bar stays louder.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from models.performers.humaniser.features import FEATURES, OFFSETS, VELOCITIES

KIND: Final = "humaniser"
INPUT: Final = 48
READ: Final = 56
PLAYED: Final = 96
TOLD: Final = 16


class HumaniserNetwork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.input = nn.Linear(FEATURES, INPUT)
        self.reader = nn.GRU(INPUT, READ, batch_first=True, bidirectional=True)
        self.late = nn.Embedding(OFFSETS + 1, TOLD)
        self.loud = nn.Embedding(VELOCITIES + 1, TOLD)
        self.player = nn.GRU(2 * READ + 2 * TOLD, PLAYED, batch_first=True)
        self.offset = nn.Linear(PLAYED + 2 * READ, OFFSETS)
        self.velocity = nn.Linear(PLAYED + 2 * READ + TOLD, VELOCITIES)

    def forward(self, score: Tensor, offsets: Tensor, velocities: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [B x n x classes] of timing, and of velocity given the timing, of each note given all before.

        Args:
            score: features [B x n x FEATURES].
            offsets, velocities: classes [B x n] as they were played.
        """
        read, _ = self.reader(torch.tanh(self.input(score)))
        before = torch.cat([self.late(_after(offsets, OFFSETS)), self.loud(_after(velocities, VELOCITIES))], -1)
        played, _ = self.player(torch.cat([read, before], -1))
        known = torch.cat([played, read], -1)
        return self.offset(known), self.velocity(torch.cat([known, self.late(offsets)], -1))


def _after(classes: Tensor, nothing: int) -> Tensor:
    """Classes [B x n] one note later; before the first stands `nothing`."""
    return torch.nn.functional.pad(classes[:, :-1], (1, 0), value=nothing)
