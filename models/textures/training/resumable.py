"""What every training here shares: it goes on from its folder, and keeps a running mean of its network's weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from models.textures.training.checkpoints import log_row, read_checkpoint, write_checkpoint


class TrainingPlan(Protocol):
    """How to train, as far as all networks are trained alike."""

    @property
    def mean_decay(self) -> float: ...

    @property
    def measure_every(self) -> int: ...


class ResumableTraining:
    """A run that can be stopped at any step and taken up again from its folder.

    step, elapsed_s: how far it has come, in all its runs; row: the figures that were last measured.
    """

    def __init__(
        self,
        path: Path,
        plan: TrainingPlan,
        networks: tuple[nn.Module, nn.Module],
        parts: Mapping[str, Any],
        sizes: Mapping[str, Any],
        elapsed_s: float = 0.0,
    ) -> None:
        """
        Args:
            path: the checkpoint; a table of figures lies beside it, with the ending `.csv`.
            networks: the one that learns, and the running mean of its weights.
            parts: what a checkpoint holds, by name: networks and optimisers.
            elapsed_s: where a run begins that has no checkpoint.

        Raises:
            WeightsError: the checkpoint is damaged, or of a network of other sizes.
        """
        self._path, self._mean_decay, self._parts, self._sizes = path, plan.mean_decay, dict(parts), dict(sizes)
        self._learning, self._mean = networks
        self.measure_every, self.row = plan.measure_every, dict[str, Any]()
        self.step, self.elapsed_s = 0, elapsed_s
        path.parent.mkdir(parents=True, exist_ok=True)
        if state := read_checkpoint(path, next(self._mean.parameters()).device, sizes):
            for name, part in self._parts.items():
                part.load_state_dict(state[name])
            self.step, self.elapsed_s = int(state["step"]), float(state["elapsed_s"])

    def save(self) -> None:
        """Writes the checkpoint."""
        state = {name: part.state_dict() for name, part in self._parts.items()}
        write_checkpoint(self._path, state | {"step": self.step, "elapsed_s": self.elapsed_s, "sizes": self._sizes})

    def log(self, row: Mapping[str, Any]) -> None:
        """Adds a line of figures to the table."""
        self.row = dict(row)
        log_row(self._path.with_suffix(".csv"), self.row)

    @torch.no_grad()
    def follow(self) -> None:
        """Moves the running mean towards what has just been learnt; quickly at first."""
        decay = min(self._mean_decay, (1.0 + self.step) / (10.0 + self.step))
        torch._foreach_lerp_(list(self._mean.parameters()), list(self._learning.parameters()), 1.0 - decay)


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
