"""Performance RNN: an LSTM that writes expressive piano, event by event.

Oore et al. 2018, "This Time with Feeling: Learning Expressive Musical Performance" (arXiv 1808.03715), with the
conditioning of Magenta's multiconditioned version. Drawing does not use this file: see `drawing.sampling`.

An LSTM keeps what it heard in so few numbers that it cannot play a passage again. So at the end a pointer may take an
event as it was heard (see `networks.pointer`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import rms_norm

from models.performers.networks.losses import NOT_COUNTED, summed_cross_entropy
from models.performers.networks.pointer import Pointer, PointerPast
from models.performers.networks.pointer_sizes import RNN_REACH_EVENTS
from models.performers.vocabulary.conditioning import CONDITION_SIZE, observed_alone
from models.performers.vocabulary.events import VOCABULARY_SIZE

NEXT_TO_NOTHING: Final = 1e-6
"""Added to a mean square before its root is divided by."""

EVALUATION_CHUNK: Final = 256
"""Events that go through the network together while it is measured."""

State = tuple[Tensor, Tensor]
"""Hidden and cell, each Tensor[layers x B x hidden]."""


@dataclass(frozen=True)
class PerformanceRnnSizes:
    """Everything that fixes the shapes of the weights."""

    hidden: int = 512
    layers: int = 3
    vocabulary: int = VOCABULARY_SIZE
    condition: int = CONDITION_SIZE


class PerformanceRnn(nn.Module):
    """Next-event logits from events and conditions."""

    def __init__(self, sizes: PerformanceRnnSizes = PerformanceRnnSizes(), dropout: float = 0.0) -> None:
        super().__init__()
        self.sizes = sizes
        self.embedding = nn.Embedding(sizes.vocabulary, sizes.hidden)
        self.condition = nn.Linear(sizes.condition, sizes.hidden, bias=False)
        self.lstm = nn.LSTM(sizes.hidden, sizes.hidden, sizes.layers, batch_first=True, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(sizes.hidden, sizes.vocabulary)
        self.pointer = Pointer(sizes.hidden)
        self._begin()

    def _begin(self) -> None:
        """Starting weights under which three layers begin to learn at once: with torch's own they idle at the
        frequencies of single events for a thousand steps. Forget gates open: Jozefowicz et al. 2015."""
        nn.init.normal_(self.embedding.weight, std=1.0)
        size = self.sizes.hidden
        for name, parameter in self.lstm.named_parameters():
            if name.startswith("weight"):
                for gate in parameter.data.split(size):
                    (nn.init.orthogonal_ if "_hh_" in name else nn.init.xavier_uniform_)(gate)
            else:
                nn.init.zeros_(parameter)
                if name.startswith("bias_ih"):
                    parameter.data[size : 2 * size] = 1.0

    def forward(
        self, events: Tensor, conditions: Tensor, state: State | None = None, past: PointerPast | None = None
    ) -> tuple[Tensor, State]:
        """
        Args:
            events: Tensor[B x T], integers below the vocabulary's size.
            conditions: Tensor[B x T x condition].
            state: what an earlier call returned, or None at the start of pieces.
            past: what may be pointed at of what was read before, which moves on in place; None: nothing.

        Returns:
            Logits Tensor[B x T x vocabulary] of each following event, which are logarithms of probabilities, and the
            state after the last.
        """
        heard = self.embedding(events)  # B x T x hidden
        x, state = self.lstm(heard + self.condition(conditions), state)
        x = self.dropout(x)
        first, last = (rms_norm(part, part.shape[-1:], eps=NEXT_TO_NOTHING) for part in (heard, x))
        return self.pointer(first, last, events, self.head(x), RNN_REACH_EVENTS, past or PointerPast()), state

    def first_state(self, batch: int) -> State:
        """The state before a piece: zeros."""
        shape = (self.sizes.layers, batch, self.sizes.hidden)
        return torch.zeros(shape), torch.zeros(shape)

    def summed_nats(
        self, pieces: Sequence[NDArray[np.int16]], conditioned: bool, measured: Callable[[int], None] = lambda _: None
    ) -> float:
        """Nats of all events of some pieces but their first; `conditioned` on density and pitch classes or not.

        The pieces are read side by side; the shorter ones are filled up with what is not counted. `measured` is told of
        events as they are counted.
        """
        length = max(len(piece) for piece in pieces)
        events = torch.full((len(pieces), length), NOT_COUNTED)
        conditioning = torch.zeros(len(pieces), length, self.sizes.condition)
        for row, piece in enumerate(pieces):
            events[row, : len(piece)] = torch.from_numpy(piece.astype(np.int64))
            if conditioned:
                conditioning[row, : len(piece)] = torch.from_numpy(observed_alone(piece))
        state, total, past = None, 0.0, PointerPast()
        for start in range(0, length - 1, EVALUATION_CHUNK):
            stop = min(length - 1, start + EVALUATION_CHUNK)
            inputs, targets = events[:, start:stop].clamp(min=0), events[:, start + 1 : stop + 1]
            logits, state = self(inputs, conditioning[:, start + 1 : stop + 1], state, past)
            total += float(summed_cross_entropy(logits, targets))
            measured(int((targets != NOT_COUNTED).sum()))
        return total
