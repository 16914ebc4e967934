"""Training the plan network on a corpus's codes: resumable, with a running mean of the weights.

FOLDER/plan.pt      everything needed to go on
FOLDER/plan.csv     step, columns heard, seconds, bits per column on training and held-out scenes
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.common.devices import autocast, best_device
from models.common.muon import muon
from models.textures.spectral.plan import Plan
from models.textures.spectral.plan_sizes import PITCH_CLASSES, PlanSizes
from models.textures.training.checkpoints import take_over
from models.textures.training.resumable import ResumableTraining, set_rate

FILE: Final = "plan.pt"


@dataclass(frozen=True)
class Planned:
    """One piece: its codes int16 [columns x tokens], index of its style, and which pitch classes it uses [12]."""

    codes: NDArray[np.int16]
    style: int
    scale: NDArray[np.float32]


@dataclass(frozen=True)
class PlanPlan:
    """How to train; `seconds` is the length of the whole run, over which the rates fall to zero."""

    seconds: float = 2400.0
    batch: int = 6
    columns: int = 150
    """Shorter than a scene, so that a plan learns to begin anywhere in one."""
    scored: float = 0.4
    """Share of the columns that are written out in each step; all are heard."""
    matrix_rate: float = 0.02
    rate: float = 2e-3
    warm_up: int = 60
    dropout: float = 0.1
    no_scale: float = 0.25
    no_style: float = 0.1
    mean_decay: float = 0.995
    measure_every: int = 100
    seed: int = 1


class PlanTraining(ResumableTraining):
    def __init__(
        self,
        folder: Path,
        train: Sequence[Planned],
        held_out: Sequence[Planned],
        sizes: PlanSizes,
        plan: PlanPlan,
        begin_from: Mapping[str, Any] | None = None,
    ) -> None:
        """`begin_from`: parameters of another network by name; those that fit are taken over."""
        torch.manual_seed(plan.seed)
        self.plan, self.train, self.device = plan, train, best_device()
        self.network = Plan(sizes, plan.dropout).to(self.device)
        take_over(self.network, begin_from or {})
        self.mean = Plan(sizes).to(self.device).requires_grad_(False)
        self.mean.load_state_dict(self.network.state_dict())
        is_matrix = {id(p) for b in (*self.network.blocks, *self.network.row_blocks) for p in b.parameters()}
        parameters = list(self.network.parameters())
        matrices = [p for p in parameters if id(p) in is_matrix]
        others = [p for p in parameters if id(p) not in is_matrix]
        self.matrix_optimiser = muon(matrices, plan.matrix_rate, weight_decay=0.01)
        self.optimiser = torch.optim.AdamW(others, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0, foreach=True)
        parts = {"network": self.network, "mean": self.mean, "optimiser": self.optimiser}
        parts["matrix_optimiser"] = self.matrix_optimiser
        super().__init__(folder / FILE, plan, (self.network, self.mean), parts, sizes.as_dict())
        self.rng = np.random.default_rng([plan.seed, self.step])
        self.measured = self._batch(held_out, np.random.default_rng(1), 12, complete=True)

    def learn(self) -> float:
        """One step; returns its bits per column."""
        codes, conditions = self._batch(self.train, self.rng, self.plan.batch)
        count = codes.shape[0] * codes.shape[1]
        chosen = torch.from_numpy(self.rng.permutation(count)[: max(1, int(self.plan.scored * count))]).to(self.device)
        set_rate(self.optimiser, self.plan.rate * self._rate())
        set_rate(self.matrix_optimiser, self.plan.matrix_rate * self._rate())
        loss = self._loss(self.network, codes, conditions, chosen)
        self.network.zero_grad(set_to_none=True)
        loss.backward()
        share_gradients(self.network)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.matrix_optimiser.step()
        self.follow()
        return float(loss.detach()) / math.log(2.0) * self.network.sizes.tokens

    def _loss(self, network: Plan, codes: Tensor, conditions: Tensor, chosen: Tensor | None) -> Tensor:
        with autocast(self.device):
            scores = network(codes, conditions, chosen)
        wanted = codes.flatten(0, 1) if chosen is None else codes.flatten(0, 1)[chosen]
        return functional.cross_entropy(scores.flatten(0, 1), wanted.flatten())

    def _batch(
        self, pieces: Sequence[Planned], rng: np.random.Generator, count: int, complete: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Codes [count x columns x tokens] and conditions [count x conditions] of stretches, every style as often."""
        sizes, columns = self.network.sizes, min(self.plan.columns, *(len(p.codes) for p in pieces))
        codes = np.zeros((count, columns, sizes.tokens), np.int64)
        conditions = np.zeros((count, sizes.conditions), np.float32)
        for n in range(count):
            style = int(rng.integers(len(sizes.styles)))
            own = [piece for piece in pieces if piece.style == style]
            piece = own[int(rng.integers(len(own)))]
            start = int(rng.integers(1 + len(piece.codes) - columns))
            codes[n] = piece.codes[start : start + columns]
            if complete or rng.random() >= self.plan.no_style:
                conditions[n, style] = 1.0
            if complete or rng.random() >= self.plan.no_scale:
                conditions[n, -1 - PITCH_CLASSES] = 1.0
                conditions[n, -PITCH_CLASSES:] = piece.scale
        return torch.from_numpy(codes).to(self.device), torch.from_numpy(conditions).to(self.device)

    def _rate(self) -> float:
        through = min(1.0, self.elapsed_s / self.plan.seconds)
        return min(1.0, (self.step + 1) / self.plan.warm_up) * max(0.02, 1.0 - through)

    @torch.no_grad()
    def record(self, mean_loss: float) -> None:
        held_out = float(self._loss(self.mean, *self.measured, None)) / math.log(2.0) * self.network.sizes.tokens
        row = {
            "step": self.step,
            "columns": self.step * self.plan.batch * self.plan.columns,
            "elapsed_s": round(self.elapsed_s),
            "training_bits": round(mean_loss, 2),
            "held_out_bits": round(held_out, 2),
        }
        self.log(row)


def share_gradients(network: torch.nn.Module) -> None:
    """Where several processes train together, gives each the mean of all their gradients."""
    if not torch.distributed.is_initialized():
        return
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    whole = torch.cat([gradient.flatten() for gradient in gradients])
    torch.distributed.all_reduce(whole)
    whole /= torch.distributed.get_world_size()
    for gradient, own in zip(gradients, whole.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(own.view_as(gradient))
