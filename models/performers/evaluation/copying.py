"""Whether a network remembers what it has just heard: nats of a passage, and of the same passage again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from engine.music.notes import Phrase
from models.performers.corpus.held_out import Measurable
from models.performers.evaluation.quality import excerpts
from models.performers.vocabulary.events import START, encode

PASSAGE_S: Final = 12.0
PASSAGES: Final = 40
SEED: Final = 12


@dataclass(frozen=True)
class Copying:
    """Nats per event of passages heard for the first time, repeated at once, and after as much other playing."""

    first: float
    at_once: float
    later: float


def copying(network: Measurable, pieces: Sequence[Phrase], count: int = PASSAGES, seed: int = SEED) -> Copying:
    """Reads `count` stretches of 12 s from pieces twice; what stands between is a stretch of another piece."""
    phrases = excerpts(pieces, [1.0] * len(pieces), PASSAGE_S, count, seed)
    passages = [encode(phrase) for phrase in phrases]
    others = [*passages[1:], passages[0]]
    training = network.training
    network.train(False)
    first = _nats(network, [[p] for p in passages])
    twice = _nats(network, [[p, p] for p in passages])
    between = _nats(network, [[p, o] for p, o in zip(passages, others, strict=True)])
    thrice = _nats(network, [[p, o, p] for p, o in zip(passages, others, strict=True)])
    network.train(training)
    events = sum(len(passage) for passage in passages)
    return Copying(first / events, (twice - first) / events, (thrice - between) / events)


def _nats(network: Measurable, readings: Sequence[Sequence[NDArray[np.int16]]]) -> float:
    with torch.no_grad():
        return sum(network.summed_nats([np.concatenate([[START], *r]).astype(np.int16)], False) for r in readings)
