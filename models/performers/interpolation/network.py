"""A variational autoencoder over two bars, as it learns.

MusicVAE (Roberts et al. 2018, arXiv 1803.05428) reads bars with recurrent networks, keeps what they are in a small
vector, and plays them from it; between two vectors lies music that is a little of both. This one is a hundredth of its
size, and tells all keys of a step at once.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from models.performers.interpolation.passage import PITCHES, STEPS

KIND: Final = "interpolation"
TOLD: Final = 2 * PITCHES
INPUT: Final = 96
READ: Final = 96
CODE: Final = 64
PLACE: Final = 16
PLAYED: Final = 192


class PassageAutoencoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.input = nn.Linear(TOLD, INPUT)
        self.reader = nn.GRU(INPUT, READ, batch_first=True, bidirectional=True)
        self.middle = nn.Linear(2 * READ, CODE)
        self.spread = nn.Linear(2 * READ, CODE)
        self.place = nn.Parameter(torch.randn(STEPS, PLACE) * 0.3)
        self.begin = nn.Linear(CODE, PLAYED)
        self.player = nn.GRU(CODE + PLACE, PLAYED, batch_first=True)
        self.keys = nn.Linear(PLAYED, TOLD)

    def code(self, tables: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log of the variance [B x CODE] of what tables [B x STEPS x TOLD] are."""
        _, ends = self.reader(torch.tanh(self.input(tables)))
        read = torch.cat([ends[0], ends[1]], -1)
        return self.middle(read), self.spread(read)

    def logits(self, code: Tensor) -> Tensor:
        """How likely each key is struck and held at each step [B x STEPS x TOLD], of codes [B x CODE]."""
        told = torch.cat([code[:, None].expand(-1, STEPS, -1), self.place.expand(len(code), -1, -1)], -1)
        played, _ = self.player(told, torch.tanh(self.begin(code))[None])
        return self.keys(played)
