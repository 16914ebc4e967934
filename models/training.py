"""Trains a Performance RNN from performances; may be stopped at any time and taken up again.

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
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor

from engine.errors import WeightsError
from engine.notes import Phrase
from models.corpus_streams import Augmentation, Batch, batches
from models.held_out import evaluate
from models.performance_rnn import PerformanceRnn, State
from models.weight_files import FILE_NAME, load_weights, save_weights

NETWORK_NAME = "performance_rnn"


@dataclass(frozen=True)
class TrainingPlan:
    """How to train; `minutes` is working time, over all the times it is taken up again."""

    minutes: float = 60.0
    rows: int = 32
    length_events: int = 128
    learning_rate: float = 2e-3
    last_learning_rate: float = 5e-5
    warmup_steps: int = 60
    average_decay: float = 0.998
    largest_gradient: float = 1.0
    dropout: float = 0.0
    evaluate_every_s: float = 300.0
    evaluation_events: int = 1_000
    seed: int = 1


@dataclass
class Progress:
    """Where a training stands; one row of `losses.csv`."""

    step: int = 0
    events: int = 0
    worked_s: float = 0.0
    training_nats: float = math.nan
    held_out_nats: float = math.nan
    learning_rate: float = 0.0


Report = Callable[[Progress], None]


def new_network(weights: Path | None, dropout: float = 0.0, threads: int = 2, seed: int = 1) -> PerformanceRnn:
    """A network with weights from a file, or with random ones for None.

    Raises:
        WeightsError: the file is missing, damaged, or of another shape.
    """
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # Adam's averages of events never seen decay into denormals, which are slow
    torch.manual_seed(seed)
    network = PerformanceRnn(dropout=dropout)
    if weights is not None:
        arrays, _ = load_weights(weights, NETWORK_NAME)
        try:
            network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
        except RuntimeError as error:
            raise WeightsError(f"{weights}: does not fit a Performance RNN ({error}); train it again") from error
    return network


def bf16_is_fast() -> bool:
    """Whether bf16 products beat float32 here; some processors emulate them hundreds of times slower."""
    a, b = torch.randn(256, 512), torch.randn(512, 512)

    def seconds(x: Tensor, y: Tensor) -> float:
        x @ y
        start = time.perf_counter()
        for _ in range(3):
            x @ y
        return time.perf_counter() - start

    return seconds(a.bfloat16(), b.bfloat16()) < 0.7 * seconds(a, b)


class Trainer:
    """A network, its optimiser and its average, with a folder that remembers them."""

    def __init__(
        self,
        folder: Path,
        plan: TrainingPlan,
        network: PerformanceRnn,
        augmentation: Augmentation | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder, self.plan, self.network = folder, plan, network
        self.augmentation = augmentation or Augmentation()
        self._clock = clock
        self.average = copy.deepcopy(network)
        self.progress = Progress()
        self._optimiser = torch.optim.AdamW(network.parameters(), plan.learning_rate, (0.9, 0.99), weight_decay=1e-4)
        self._bf16 = bf16_is_fast()
        self._state: State = network.first_state(plan.rows)
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
        source = batches(
            pieces, weights, plan.rows, plan.length_events, self.augmentation, plan.seed + self.progress.step
        )
        next_look_s = self.progress.worked_s + plan.evaluate_every_s
        self.network.train()
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

    def _step(self, batch: Batch) -> None:
        rate = self._learning_rate()
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        fresh = torch.from_numpy(~batch.fresh).float()[None, :, None]
        state = (self._state[0] * fresh, self._state[1] * fresh)
        inputs, targets = torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
            logits, state = self.network(inputs, torch.from_numpy(batch.conditions), state)
        loss = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten())
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.plan.largest_gradient)
        self._optimiser.step()
        self._state = (state[0].detach(), state[1].detach())
        self._follow(float(loss.detach()), rate, batch.inputs.size)

    def _learning_rate(self) -> float:
        """Linear warm-up, then half a cosine over the time the plan allows."""
        plan = self.plan
        done = min(1.0, self.progress.worked_s / (plan.minutes * 60))
        falling = plan.last_learning_rate + (plan.learning_rate - plan.last_learning_rate) * 0.5 * (
            1 + math.cos(math.pi * done)
        )
        return falling * min(1.0, (self.progress.step + 1) / plan.warmup_steps)

    @torch.no_grad()
    def _follow(self, loss: float, rate: float, events: int) -> None:
        progress = self.progress
        progress.step += 1
        progress.events += events
        progress.learning_rate = rate
        smoothed = progress.training_nats
        progress.training_nats = loss if math.isnan(smoothed) else 0.98 * smoothed + 0.02 * loss
        decay = min(self.plan.average_decay, progress.step / (progress.step + 10))
        for kept, new in zip(self.average.parameters(), self.network.parameters(), strict=True):
            kept.lerp_(new, 1 - decay)

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
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self._optimiser.state_dict(),
                "progress": asdict(self.progress),
            },
            partial,
        )
        os.replace(partial, self._checkpoint)
        save_performer(self.folder / FILE_NAME, self.average, self.progress)

    def _resume(self) -> None:
        try:
            kept = torch.load(self._checkpoint, weights_only=True)
            self.network.load_state_dict(kept["network"])
            self.average.load_state_dict(kept["average"])
            self._optimiser.load_state_dict(kept["optimiser"])
            self.progress = Progress(**kept["progress"])
        except (RuntimeError, KeyError, TypeError, ValueError, EOFError, UnpicklingError) as error:
            raise WeightsError(
                f"{self._checkpoint}: cannot be taken up again ({type(error).__name__}); remove it to begin anew"
            ) from error


def save_performer(path: Path, network: PerformanceRnn, progress: Progress) -> None:
    """The weights a sampler can draw from."""
    about = {"network": NETWORK_NAME, "steps": str(progress.step), "events": str(progress.events)}
    about["held_out_nats_per_event"] = f"{progress.held_out_nats:.4f}"
    save_weights(path, {name: tensor.float().numpy() for name, tensor in network.state_dict().items()}, about)
