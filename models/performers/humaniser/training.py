"""Teaches a humaniser from folders of performances."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.errors import WeightsError
from models.common.weights import load_weights, save_weights
from models.performers.humaniser.features import classes, features, level
from models.performers.humaniser.network import KIND, HumaniserNetwork
from models.performers.humaniser.quantised_copy import QuantisedCopy
from models.performers.training import short_training
from models.performers.training.training import Report, TrainingPlan

WINDOW_NOTES: Final = 64
BATCH: Final = 16
PLAN: Final = TrainingPlan(
    minutes=20.0, learning_rate=3e-3, last_learning_rate=1e-4, warmup_steps=50, average_decay=0.995
)


@dataclass(frozen=True)
class Bits:
    """Surprise at how people played, in bits per note, of timing in steps of 5 ms and of velocity in steps of 4."""

    timing: float
    velocity: float


@dataclass(frozen=True)
class Lesson:
    """One quantised copy as the network is told of it: features [n x FEATURES], classes of timing and velocity [n]."""

    told: NDArray[np.float32]
    late: NDArray[np.int64]
    loud: NDArray[np.int64]

    @classmethod
    def of(cls, copy: QuantisedCopy) -> Lesson:
        velocities = np.array([float(note.velocity) for note in copy.played])
        levels = level([replace(note, velocity=p.velocity) for note, p in zip(copy.score, copy.played, strict=True)])
        late, loud = classes(copy.offsets_s, velocities, levels)
        return cls(features(copy.score, levels).astype(np.float32), late, loud)


def trained(
    lessons: Sequence[Lesson],
    plan: TrainingPlan,
    threads: int,
    report: Report,
    begin_from: HumaniserNetwork | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> HumaniserNetwork:
    """A network that has worked through lessons for the plan's minutes.

    Args:
        begin_from: what it is at first; None begins with random weights.
        clock: seconds, for the plan's minutes.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(plan.seed)
    network = begin_from or HumaniserNetwork()
    rng = np.random.default_rng(plan.seed)

    def of_a_batch() -> tuple[Tensor, Tensor]:
        timing, velocity = nats(network, *_batch(lessons, rng))
        return timing + velocity, timing + velocity

    return short_training.trained(network, of_a_batch, plan, report, clock)


def nats(network: HumaniserNetwork, told: Tensor, late: Tensor, loud: Tensor) -> tuple[Tensor, Tensor]:
    """Mean nats per note of timing and of velocity; [B x n x FEATURES], [B x n] and [B x n], -1 where there is no
    note."""
    offsets, velocities = network(told, late.clamp(0), loud.clamp(0))
    cross = nn.functional.cross_entropy
    return (
        cross(offsets.flatten(0, 1), late.flatten(), ignore_index=-1),
        cross(velocities.flatten(0, 1), loud.flatten(), ignore_index=-1),
    )


def _batch(lessons: Sequence[Lesson], rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Windows of lessons, short ones are filled up."""
    told = np.zeros((BATCH, WINDOW_NOTES, lessons[0].told.shape[1]), np.float32)
    late, loud = (np.full((BATCH, WINDOW_NOTES), -1, np.int64) for _ in range(2))
    for row in range(BATCH):
        lesson = lessons[int(rng.integers(len(lessons)))]
        first = int(rng.integers(max(1, len(lesson.told) - WINDOW_NOTES + 1)))
        part = slice(first, first + WINDOW_NOTES)
        count = len(lesson.told[part])
        told[row, :count], late[row, :count] = lesson.told[part], lesson.late[part]
        loud[row, :count] = lesson.loud[part]
    return torch.from_numpy(told), torch.from_numpy(late), torch.from_numpy(loud)


def save_humaniser(path: Path, network: HumaniserNetwork, held_out: Bits) -> None:
    """The weights, in half precision, and in their header what they are worth."""
    about = {"network": KIND, "held_out_bits": f"{held_out.timing:.4f} timing, {held_out.velocity:.4f} velocity"}
    save_weights(path, {name: tensor.float().numpy() for name, tensor in network.state_dict().items()}, about)


def load_humaniser(path: Path) -> HumaniserNetwork:
    """The network as it learns, from a file. Raises WeightsError."""
    arrays, _ = load_weights(path, KIND)
    network = HumaniserNetwork()
    try:
        network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    except RuntimeError as error:
        raise WeightsError(f"{path}: does not fit a {KIND} ({error}); train it again") from error
    return network
