"""How well a performer predicts playing it has never seen: the split, and nats per event."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from engine.notes import Phrase
from models.corpus_streams import piece_events
from models.midi_corpus import Performance
from models.performance_rnn import PerformanceRnn
from models.performance_wishes import CONDITION_SIZE, observed

EVALUATION_CHUNK = 512
HELD_OUT_PER_MILLE = 50


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
    network: PerformanceRnn, pieces: Sequence[Phrase], longest_events: int | None = None, conditioned: bool = False
) -> Score:
    """Nats per event of whole pieces, each from its start, the end mark included.

    Args:
        longest_events: only this many from the start of each piece, for a quick look.
        conditioned: tell the network the density and histogram of what comes, as during drawing.
    """
    training = network.training
    network.eval()
    total, count = 0.0, 0
    for piece in pieces:
        nats, events = _piece_nats(network, piece, longest_events, conditioned)
        total, count = total + nats, count + events
    network.train(training)
    return Score(total / max(1, count), count, len(pieces))


@torch.no_grad()
def _piece_nats(
    network: PerformanceRnn, piece: Phrase, longest_events: int | None, conditioned: bool
) -> tuple[float, int]:
    events = piece_events(piece)
    wishes = observed(events) if conditioned else np.zeros((len(events), CONDITION_SIZE), np.float32)
    end = len(events) - 1 if longest_events is None else min(len(events) - 1, longest_events)
    state, total = None, 0.0
    for start in range(0, end, EVALUATION_CHUNK):
        stop = min(end, start + EVALUATION_CHUNK)
        inputs = torch.from_numpy(events[start:stop].astype(np.int64))[None]
        targets = torch.from_numpy(events[start + 1 : stop + 1].astype(np.int64))
        logits, state = network(inputs, torch.from_numpy(wishes[start + 1 : stop + 1])[None], state)
        total += float(torch.nn.functional.cross_entropy(logits[0], targets, reduction="sum"))
    return total, end
