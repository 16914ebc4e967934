"""How the Performance RNN learns: truncated back-propagation, every row carrying its state on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch

from engine.music.notes import Phrase
from models.performers.corpus.corpus_streams import Augmentation, Batch, batches
from models.performers.networks.losses import summed_cross_entropy
from models.performers.networks.performance_rnn import PerformanceRnn, State
from models.performers.training.training import TrainingPlan

ROWS = 32
LENGTH_EVENTS = 128


class PerformanceRnnLearner:
    """A Performance RNN and its optimisers, for `models.performers.training.training.Trainer`."""

    kind = "performance_rnn"
    plan = TrainingPlan(learning_rate=2e-3, last_learning_rate=5e-5, warmup_steps=60, average_decay=0.998)

    def __init__(
        self, network: PerformanceRnn, learning_rate: float, rows: int = ROWS, length: int = LENGTH_EVENTS
    ) -> None:
        """A batch is `rows` pieces read side by side, `length` events of each."""
        self.network, self._rows, self._length = network, rows, length
        self.optimisers = (torch.optim.AdamW(network.parameters(), learning_rate, (0.9, 0.99), weight_decay=1e-4),)
        self._state: State = network.first_state(rows)

    def batches(
        self,
        pieces: Sequence[Phrase],
        weights: Sequence[float],
        augmentation: Augmentation,
        seed: int,
        done: Callable[[], float],  # noqa: ARG002 - its batches stay the same to the end
    ) -> Iterator[Batch]:
        return batches(pieces, weights, self._rows, self._length, augmentation, seed)

    def learn(self, batch: Batch, bf16: bool) -> tuple[float, int]:
        fresh = torch.from_numpy(~batch.fresh).float()[None, :, None]
        state = (self._state[0] * fresh, self._state[1] * fresh)
        inputs, targets = torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits, state = self.network(inputs, torch.from_numpy(batch.conditions), state)
        loss = summed_cross_entropy(logits, targets) / targets.numel()
        loss.backward()
        self._state = (state[0].detach(), state[1].detach())
        return float(loss.detach()), batch.inputs.size
