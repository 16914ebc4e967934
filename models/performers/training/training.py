"""Trains a network from performances; may be stopped at any time and taken up again.

The learning rate follows the clock rather than a number of steps, because what a person knows beforehand is how
long the machine may work. A moving average of the weights is what is evaluated and kept (Polyak averaging), so
what has been reached is worth having whenever training stops.
"""

from __future__ import annotations

import copy
import csv
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Protocol

import torch
from torch import nn

from engine.errors import WeightsError
from engine.music.notes import Phrase
from models.common.devices import bf16_is_fast
from models.common.weights import FILE_NAME, save_weights
from models.performers.corpus.corpus_streams import Augmentation
from models.performers.corpus.held_out import evaluate


@dataclass(frozen=True)
class TrainingPlan:
    """How to train; `minutes` is working time, over all the times it is taken up again."""

    minutes: float = 60.0
    learning_rate: float = 2e-3
    last_learning_rate: float = 5e-5
    warmup_steps: int = 60
    average_decay: float = 0.998
    largest_gradient: float = 1.0
    evaluate_every_s: float = 300.0
    evaluation_events: int = 1_000
    seed: int = 1


class Learner(Protocol):
    """What differs from one kind of network to the other."""

    @property
    def kind(self) -> str:
        """Names it in the header of its weights."""

    @property
    def network(self) -> Any:
        """A module that is `Measurable`."""

    @property
    def optimisers(self) -> Sequence[torch.optim.Optimizer]:
        """Made with the rates they have where the plan's rate is at its highest."""

    def batches(
        self,
        pieces: Sequence[Phrase],
        weights: Sequence[float],
        augmentation: Augmentation,
        seed: int,
        done: Callable[[], float],
    ) -> Iterator[Any]:
        """Batches without end, which `learn` takes; `done` says how much of the training is over, 0..1."""

    def learn(self, batch: Any, bf16: bool) -> tuple[float, int]:
        """Adds a batch's gradients to those of the network: nats per event, and how many events."""


@dataclass
class Progress:
    """Where a training stands; one row of `losses.csv`."""

    step: int = 0
    events: int = 0
    worked_s: float = 0.0
    training_nats: float = math.nan
    held_out_nats: float = math.nan
    learning_rate: float = 0.0

    def took(self, nats: float, rate: float, events: int = 0) -> None:
        """One more step at that rate, which cost so much; the loss of training is a moving average."""
        self.step += 1
        self.events += events
        self.learning_rate = rate
        self.training_nats = nats if math.isnan(self.training_nats) else 0.98 * self.training_nats + 0.02 * nats


Report = Callable[[Progress], None]


class Trainer:
    """A network, its optimisers and its average, with a folder that remembers them."""

    def __init__(
        self,
        folder: Path,
        plan: TrainingPlan,
        learner: Learner,
        augmentation: Augmentation | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder, self.plan, self.learner = folder, plan, learner
        self.augmentation = augmentation or Augmentation()
        self._clock = clock
        self.average = copy.deepcopy(learner.network)
        self._rates = [[float(group["lr"]) for group in o.param_groups] for o in learner.optimisers]
        self.progress = Progress()
        self._bf16 = bf16_is_fast()
        folder.mkdir(parents=True, exist_ok=True)
        if self._checkpoint.exists():
            self._resume()

    @property
    def _checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def train(
        self, pieces: Sequence[Phrase], weights: Sequence[float], held_out: Sequence[Phrase], report: Report
    ) -> Progress:
        """Works until the plan's minutes are used; saves at each evaluation and when interrupted.

        Args:
            weights: how often each piece is taken, relative to the others.
            report: called after every step and every evaluation.
        """
        plan = self.plan
        source = self.learner.batches(
            pieces, weights, self.augmentation, plan.seed + self.progress.step, lambda: self._done
        )
        next_look_s = self.progress.worked_s + plan.evaluate_every_s
        self.learner.network.train()
        try:
            while self.progress.worked_s < plan.minutes * 60:
                start = self._clock()
                self._step(next(source))
                self.progress.worked_s += self._clock() - start
                if self.progress.worked_s >= next_look_s:
                    next_look_s += plan.evaluate_every_s
                    self._look(held_out)
                report(self.progress)
        except KeyboardInterrupt:
            self.save()
            raise
        self._look(held_out)
        report(self.progress)
        return self.progress

    def _step(self, batch: Any) -> None:
        share = rate_share(self.plan, self._done, self.progress.step)
        for optimiser, rates in zip(self.learner.optimisers, self._rates, strict=True):
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * share
        self.learner.network.zero_grad()
        nats, events = self.learner.learn(batch, self._bf16)
        nn.utils.clip_grad_norm_(self.learner.network.parameters(), self.plan.largest_gradient)
        for optimiser in self.learner.optimisers:
            optimiser.step()
        self.progress.took(nats, self.plan.learning_rate * share, events)
        follow(self.average, self.learner.network, self.plan, self.progress.step)

    @property
    def _done(self) -> float:
        return min(1.0, self.progress.worked_s / (self.plan.minutes * 60))

    def _look(self, held_out: Sequence[Phrase]) -> None:
        self.progress.held_out_nats = evaluate(self.average, held_out, self.plan.evaluation_events).nats_per_event
        with open(self.folder / "losses.csv", "a", newline="") as file:
            writer = csv.DictWriter(file, list(asdict(self.progress)))
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow(asdict(self.progress))
        self.save()

    def save(self) -> None:
        """Checkpoint and weights, each written under another name first, so a cut leaves the earlier ones."""
        partial = self._checkpoint.with_suffix(".partial")
        torch.save(
            {
                "network": self.learner.network.state_dict(),
                "average": self.average.state_dict(),
                "optimisers": [optimiser.state_dict() for optimiser in self.learner.optimisers],
                "progress": asdict(self.progress),
            },
            partial,
        )
        os.replace(partial, self._checkpoint)
        save_performer(self.folder / FILE_NAME, self.learner.kind, self.average, self.progress)

    def _resume(self) -> None:
        try:
            kept = torch.load(self._checkpoint, weights_only=True)
            self.learner.network.load_state_dict(kept["network"])
            self.average.load_state_dict(kept["average"])
            for optimiser, state in zip(self.learner.optimisers, _optimiser_states(kept), strict=True):
                optimiser.load_state_dict(state)
            self.progress = Progress(**kept["progress"])
        except (RuntimeError, KeyError, TypeError, ValueError, EOFError, UnpicklingError) as error:
            raise WeightsError(
                f"{self._checkpoint}: cannot be taken up again ({_reason(error)}); remove it to begin anew"
            ) from error


def rate_share(plan: TrainingPlan, done: float, step: int) -> float:
    """Of the full learning rate: linear warm-up, then half a cosine over the time the plan allows; `done` is 0..1."""
    last = plan.last_learning_rate / plan.learning_rate
    falling = last + (1 - last) * 0.5 * (1 + math.cos(math.pi * done))
    return falling * min(1.0, (step + 1) / plan.warmup_steps)


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, plan: TrainingPlan, step: int) -> None:
    """Brings the moving average nearer to the network after so many steps; quickly at first."""
    decay = min(plan.average_decay, step / (step + 10))
    for kept, new in zip(average.parameters(), network.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)


def _reason(error: Exception) -> str:
    """In one line: torch lists every tensor that does not fit."""
    return str(error).partition("\n")[0] or type(error).__name__


def _optimiser_states(kept: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a checkpoint; before there could be several optimisers, it held one, which a Performance RNN still has.

    Raises:
        ValueError: the one is a Muon that knew AdamW's parameters too, as Piano Transformers had.
    """
    if "optimiser" not in kept:
        return list(kept["optimisers"])
    if "muon" in kept["optimiser"]["param_groups"][0]:
        raise ValueError("written with an optimiser of an earlier version")
    return [kept["optimiser"]]


def save_performer(path: Path, kind: str, network: nn.Module, progress: Progress) -> None:
    """The weights a sampler can draw from."""
    about = {"network": kind, "steps": str(progress.step), "events": str(progress.events)}
    about["held_out_nats_per_event"] = f"{progress.held_out_nats:.4f}"
    save_weights(path, {name: tensor.float().numpy() for name, tensor in network.state_dict().items()}, about)
