"""Teaches the autoencoder passages of performances and scores."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.errors import WeightsError
from engine.music.notes import Phrase
from models.common.weights import load_weights, save_weights
from models.performers.interpolation.network import KIND, PassageAutoencoder
from models.performers.interpolation.passage import PITCHES, STEPS, Passage, passages
from models.performers.training import short_training
from models.performers.training.training import Report, TrainingPlan

STRETCH_S: Final = 20.0
"""The beat is looked for in so much at a time."""
FEWEST_NOTES: Final = 6
BATCH: Final = 64
PLAN: Final = TrainingPlan(
    minutes=20.0, learning_rate=2e-3, last_learning_rate=5e-5, warmup_steps=50, average_decay=0.995
)
DIVERGENCE: Final = 0.5
"""Weight of what the code says beyond chance (beta of a beta-VAE, Higgins et al. 2017)."""
FREE_NATS: Final = 0.15
"""Of each number of the code: so much costs nothing (Kingma et al. 2016, arXiv 1606.04934)."""
TRANSPOSED: Final = 5
"""Each passage is learnt in keys so many semitones up and down."""

Bits = NDArray[np.uint8]


def cut(pieces: Iterable[Phrase]) -> Iterator[Passage]:
    """Passages of pieces that have some notes."""
    for piece in pieces:
        start_s = 0.0
        while start_s < piece.length_s:
            inside = [n for n in piece.notes if start_s <= n.onset_s < start_s + STRETCH_S]
            found = passages([replace(n, onset_s=n.onset_s - start_s) for n in inside])
            yield from (passage for _, passage in found if len(passage.notes) >= FEWEST_NOTES)
            start_s += STRETCH_S


def packed(material: Iterable[Passage]) -> Bits:
    """Tables of passages, eight keys a byte [n x STEPS x 2 PITCHES / 8]."""
    return np.stack([np.packbits(np.concatenate(passage.tables(), 1), axis=1) for passage in material])


def trained(
    material: Bits,
    plan: TrainingPlan,
    threads: int,
    report: Report,
    begin_from: PassageAutoencoder | None = None,
    clock: Callable[[], float] = time.monotonic,
    batch: int = BATCH,
) -> PassageAutoencoder:
    """A network that has worked through passages, `batch` at a time, for the plan's minutes.

    Args:
        begin_from: what it is at first; None begins with random weights.
        clock: seconds, for the plan's minutes.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(plan.seed)
    network = begin_from or PassageAutoencoder()
    rng = np.random.default_rng(plan.seed)

    def of_a_batch() -> tuple[Tensor, Tensor]:
        said, divergence = losses(network, _batch(material, rng, batch))
        return said + DIVERGENCE * divergence, said

    return short_training.trained(network, of_a_batch, plan, report, clock)


def losses(network: PassageAutoencoder, tables: Tensor) -> tuple[Tensor, Tensor]:
    """Nats per passage of what is struck and held, from a code drawn around its mean, and the code's divergence."""
    middle, spread = network.code(tables)
    code = middle + torch.exp(0.5 * spread) * torch.randn_like(spread) if network.training else middle
    said = nn.functional.binary_cross_entropy_with_logits(network.logits(code), tables, reduction="sum") / len(tables)
    each = 0.5 * (middle.square() + spread.exp() - spread - 1.0).mean(0)
    return said, each.clamp(min=FREE_NATS).sum()


def tables_of(material: Bits) -> Tensor:
    """What a network is told [n x STEPS x 2 PITCHES], 0 or 1."""
    return torch.from_numpy(np.unpackbits(material, axis=2)[:, :, : 2 * PITCHES].astype(np.float32))


def _batch(material: Bits, rng: np.random.Generator, size: int) -> Tensor:
    """Passages, each moved by a few semitones; what would leave the keys stays away."""
    tables = tables_of(material[rng.integers(len(material), size=size)]).view(size, STEPS, 2, PITCHES)
    moved = torch.zeros_like(tables)
    for row, by in enumerate(rng.integers(-TRANSPOSED, TRANSPOSED + 1, size=size).tolist()):
        low, high = max(by, 0), PITCHES + min(by, 0)
        moved[row, :, :, low:high] = tables[row, :, :, low - by : high - by]
    return moved.flatten(2)


def save_interpolation(path: Path, network: PassageAutoencoder, held_out_nats: float) -> None:
    """The weights that drawing needs, in half precision."""
    about = {"network": KIND, "held_out_nats": f"{held_out_nats:.2f}"}
    save_weights(path, {name: tensor.float().numpy() for name, tensor in network.state_dict().items()}, about)


def load_interpolation(path: Path) -> PassageAutoencoder:
    """The network as it learns, from a file. Raises WeightsError."""
    arrays, _ = load_weights(path, KIND)
    network = PassageAutoencoder()
    try:
        network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    except RuntimeError as error:
        raise WeightsError(f"{path}: does not fit an {KIND} ({error}); train it again") from error
    return network.eval()


def held_out_nats(network: PassageAutoencoder, material: Bits) -> float:
    """Nats per passage from its code's mean."""
    network.eval()
    with torch.no_grad():
        rows: Sequence[float] = [
            float(losses(network, tables_of(material[i : i + 1]))[0]) for i in range(len(material))
        ]
    return float(np.mean(rows))
