"""Training a network that makes plans sound, a WaveNet or a SampleRNN: resumable, with a running mean of the weights.

Each step continues where the last one stopped: what the layers heard and the tiers remember is carried over (as in
Transformer-XL, https://arxiv.org/abs/1901.02860, and in truncated backpropagation through time), so the network always
hears all that it can and no value is computed twice.

    FOLDER/wavenet.pt     everything needed to go on; of a SampleRNN samplernn.pt
    FOLDER/wavenet.csv    step, values heard, seconds, bits per value on training and held-out sound
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.errors import TextureError
from models.common.devices import autocast, best_device
from models.textures.torch_networks import network_of
from models.textures.training.checkpoints import take_over
from models.textures.training.pieces import Prepared
from models.textures.training.resumable import ResumableTraining, set_rate
from models.textures.wave_networks import WaveSizes, kind_of_sizes
from models.textures.waveform.training_streams import Step, TrainingPiece, TrainingStreams


@dataclass(frozen=True)
class WavePlan:
    """How to train; `seconds` is the length of the whole run, over which the rate falls to zero."""

    seconds: float = 3600.0
    streams: int = 8
    frames: int = 1024
    rate: float = 1.5e-3
    warm_up: int = 200
    mean_decay: float = 0.999
    unconditioned: float = 0.0
    """A share of readings without plan and sketch. At 0.03 those of a SampleRNN cost more than 100 bits a value after
    550 steps, and so most of every gradient: it relies on its forecast."""
    measure_every: int = 250
    seed: int = 1
    compiled: bool = False
    """Lets torch fuse what lies between products: half as fast again, after minutes of a C++ compiler's work."""


class WaveTraining(ResumableTraining):
    def __init__(
        self,
        folder: Path,
        train: Sequence[Prepared],
        held_out: Sequence[Prepared],
        sizes: WaveSizes,
        plan: WavePlan,
        begin_from: Mapping[str, Any] | None = None,
    ) -> None:
        """`begin_from`: parameters of another network by name; those that fit are taken over."""
        torch.manual_seed(plan.seed)
        self.plan, self.device = plan, best_device()
        self.network = network_of(sizes)
        take_over(self.network, begin_from or {})
        self.network.to(self.device)
        self.mean = network_of(sizes).to(self.device).requires_grad_(False)
        self.mean.load_state_dict(self.network.state_dict())
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=plan.rate, betas=(0.9, 0.99), foreach=True)
        parts = {"network": self.network, "mean": self.mean, "optimiser": self.optimiser}
        path = folder / f"{kind_of_sizes(sizes)}.pt"
        super().__init__(path, plan, (self.network, self.mean), parts, sizes.as_dict())
        order, styles, memory = sizes.predictor_order, len(sizes.styles), sizes.sketch_memory

        def make(pieces: Sequence[TrainingPiece], seed: list[int]) -> TrainingStreams:
            return TrainingStreams(pieces, plan.streams, plan.frames, plan.unconditioned, seed, order, styles, memory)

        self.streams = make(train, [plan.seed, self.step])
        measured = make(held_out, [1, 2])
        self.measured = [measured.step() for _ in range(6)]
        self.past = self.network.silent_past(plan.streams)
        self.forward = torch.compile(self.network) if plan.compiled else self.network

    def learn(self) -> float:
        """One step; returns its bits per value."""
        step = self.streams.step()
        for layer in self.past:
            layer[:, step.fresh] = 0.0
        set_rate(self.optimiser, self._rate())
        loss, self.past = self._loss(self.forward, step, self.past)
        if not torch.isfinite(loss):
            raise TextureError(f"training came apart at step {self.step}; continue from the checkpoint at a lower rate")
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.follow()
        return float(loss.detach()) / math.log(2.0)

    def _loss(self, network: Any, step: Step, past: list[Tensor] | None) -> tuple[Tensor, list[Tensor]]:
        parts = (step.given, step.wanted, step.style, step.conditions, step.predicted)
        given, wanted, style, conditions, predicted = (torch.from_numpy(part).to(self.device) for part in parts)
        with autocast(self.device):
            loss, after = network(given, style, conditions, past, predicted, wanted)
        return loss, [layer.detach() for layer in after]

    def _rate(self) -> float:
        through = min(1.0, self.elapsed_s / self.plan.seconds)
        return self.plan.rate * min(1.0, (self.step + 1) / self.plan.warm_up) * max(0.01, 1.0 - through)

    @torch.no_grad()
    def record(self, mean_loss: float) -> None:
        past, losses = None, []
        for step in self.measured:
            loss, past = self._loss(self.mean, step, past)
            losses.append(float(loss) / math.log(2.0))
        row = {
            "step": self.step,
            "values": self.step * self.plan.streams * self.plan.frames,
            "elapsed_s": round(self.elapsed_s),
            "training_bits": round(mean_loss, 4),
            "held_out_bits": round(float(np.mean(losses[1:])), 4),
            "rate": round(self._rate(), 6),
        }
        self.log(row)
