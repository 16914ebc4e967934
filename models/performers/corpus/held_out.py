"""How well a performer predicts playing it has never seen: the split, and nats per event."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from engine.music.notes import Phrase
from models.performers.corpus.corpus_streams import piece_events
from models.performers.corpus.midi_corpus import Performance

EVALUATION_ROWS = 16
"""Pieces measured side by side: as fast as five of them one after the other."""

LONGEST = 10_000_000
Measured = Callable[[int], None]
"""Told of so many more events that have been measured, each time some have."""
HELD_OUT_PER_MILLE = 50


class Measurable(Protocol):
    """A network of any kind that plays."""

    training: bool

    def summed_nats(
        self, pieces: Sequence[NDArray[np.int16]], conditioned: bool, measured: Measured = lambda _: None
    ) -> float:
        """Nats of all events of some pieces but their first; `conditioned` on density and pitch classes or not."""

    def train(self, mode: bool = True) -> Any: ...


@dataclass(frozen=True)
class Score:
    """Mean negative log likelihood over `events` events of `pieces` pieces."""

    nats_per_event: float
    events: int
    pieces: int


def is_held_out(name: str) -> bool:
    """About one file in twenty, chosen by its name so that every training run keeps the same ones out."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "big") % 1000 < HELD_OUT_PER_MILLE


def split(performances: Sequence[Performance]) -> tuple[list[Performance], list[Performance]]:
    """(training, held out); a corpus too small for the rule keeps its last piece out."""
    training = [p for p in performances if not is_held_out(p.name)]
    held_out = [p for p in performances if is_held_out(p.name)]
    if not held_out and len(training) > 1:
        held_out = [training.pop()]
    return training or list(performances), held_out or list(performances)


def evaluate(
    network: Measurable,
    pieces: Sequence[Phrase],
    longest_events: int | None = None,
    conditioned: bool = False,
    measured: Measured = lambda _: None,
    bf16: bool = False,
) -> Score:
    """Nats per event of whole pieces, each from its start, the end mark included.

    Pieces of about the same length are measured side by side.

    Args:
        longest_events: only this many from the start of each piece, for a quick look.
        conditioned: tell the network the density and histogram of what comes, as during drawing.
        measured: told of events while they are measured, for a bar.
        bf16: take products in bf16, as training does where that is fast.
    """
    training = network.training
    network.train(False)
    events = sorted((piece_events(piece)[: (longest_events or LONGEST) + 1] for piece in pieces), key=len)
    total, count = 0.0, 0
    for first in range(0, len(events), EVALUATION_ROWS):
        group = events[first : first + EVALUATION_ROWS]
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            total += network.summed_nats(group, conditioned, measured)
        count += sum(len(piece) - 1 for piece in group)
    network.train(training)
    return Score(total / max(1, count), count, len(pieces))
