"""How the Piano Transformer learns: Muon for its matrices, windows that grow longer as the training goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch

from engine.music.notes import Phrase
from models.common.muon import muon
from models.performers.corpus.corpus_streams import Augmentation
from models.performers.networks.losses import NOT_COUNTED, summed_cross_entropy
from models.performers.networks.piano_transformer import PianoTransformer, Window
from models.performers.networks.window_streams import WindowBatch, windows
from models.performers.training.training import TrainingPlan

WINDOW_LENGTHS = ((0.0, 512), (0.3, 1024), (0.75, 2048))
"""(share of the training that is over, events in a window): short ones teach the most per second at first."""

EVENTS_AT_ONCE = 3_072
"""What goes through the network together: more than this falls out of the processor's cache."""

BY_HEART_EVENTS = 2_048
"""Of a small book each step sees so much that more steps teach more than larger ones."""

MATRIX_RATE = 0.02
"""Muon's rate where the plan's learning rate, which is AdamW's, is `RATE`."""
RATE = 3e-3


class PianoTransformerLearner:
    """A Piano Transformer and its optimisers, for `models.performers.training.training.Trainer`."""

    kind = "piano_transformer"
    plan = TrainingPlan(learning_rate=RATE, last_learning_rate=3e-5, warmup_steps=30, average_decay=0.99)

    def __init__(self, network: PianoTransformer, learning_rate: float, events: int = 6_144) -> None:
        """`events` is the size of a batch."""
        self.network, self._events = network, events
        layers = list(network.layers.parameters())
        matrices = [p for p in layers if min(p.shape) >= 16]
        others = [p for p in network.parameters() if not any(p is m for m in matrices)]
        self.optimisers = (
            muon(matrices, MATRIX_RATE * learning_rate / RATE, weight_decay=0.1),
            torch.optim.AdamW(others, learning_rate, (0.9, 0.98), weight_decay=0.0, foreach=True),
        )

    def batches(
        self,
        pieces: Sequence[Phrase],
        weights: Sequence[float],
        augmentation: Augmentation,
        seed: int,
        done: Callable[[], float],
    ) -> Iterator[WindowBatch]:
        def length() -> int:
            return [events for share, events in WINDOW_LENGTHS if done() >= share][-1]

        return windows(pieces, weights, self._events, length, augmentation, seed)

    def learn(self, batch: WindowBatch, bf16: bool) -> tuple[float, int]:
        rows, length = batch.targets.shape
        counted = int((batch.targets != NOT_COUNTED).sum())
        at_once, total = max(1, EVENTS_AT_ONCE // length), 0.0
        for first in range(0, rows, at_once):
            chosen = slice(first, first + at_once)
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                logits = self.network(Window.of(batch, chosen))
            loss = summed_cross_entropy(logits, torch.from_numpy(batch.targets[chosen])) / counted
            loss.backward()
            total += float(loss.detach())
        return total, counted


def learner_by_heart(network: PianoTransformer, learning_rate: float) -> PianoTransformerLearner:
    """A learner that overfits a small book in as little time as it can."""
    return PianoTransformerLearner(network, learning_rate, BY_HEART_EVENTS)
