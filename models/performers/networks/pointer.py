"""What followed playing like the present, pointed at: a pointer sentinel mixture over events heard before.

A network that has to put every event it remembers through its own layers repeats a passage poorly: the layers are
small, and what they learnt of music in general speaks as loudly. Merity et al. 2016, "Pointer Sentinel Mixture Models"
(arXiv 1609.07843), let a network point at what it has read instead: the attention that falls on an event is the
probability that this event comes again, and what falls on the sentinel is left to the network's own guess.

Keys are those of the event before, as in the heads that recall (see `piano_transformer`), so pointing at an event means
that what preceded it is like the present. One likeness is chance; likenesses in a row are a return. So the likeness of
the two events before is carried on to the next two, and fades by `momentum` with each step.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, normalize, one_hot, pad

from models.performers.networks.pointer_sizes import POINTER_SIZE
from models.performers.vocabulary.events import VOCABULARY_SIZE

SHARPNESS: Final = 6.0
MOMENTUM: Final = 0.7
SENTINEL: Final = 24.0
"""At first, a little more than a long return reaches: nothing is pointed at much, and what should be is learnt."""

DOUBLINGS: Final = 5
CARRIED: Final = 2**DOUBLINGS
"""Likenesses of so many events are carried on; what fades by `MOMENTUM` so often is nothing."""

LEAST: Final = 1e-12
"""Smallest probability of an event, so that logarithms stay finite."""


class PointerPast:
    """Of what was read: the last queries, and keys and events as far back as is pointed at."""

    def __init__(self) -> None:
        self.queries: Tensor | None = None
        self.keys: Tensor | None = None
        self.events: Tensor | None = None
        self.newest: Tensor | None = None

    def extended(self, queries: Tensor, keys: Tensor, events: Tensor, reach: int) -> tuple[Tensor, Tensor, Tensor]:
        """Those remembered with new ones [B x T x …] behind them; remembers what the next call needs.

        The keys that come back are delayed by one event.
        """
        first = torch.zeros_like(keys[:, :1]) if self.newest is None else self.newest
        self.newest = keys[:, -1:]
        keys = torch.cat([first, keys[:, :-1]], 1)
        if self.queries is not None and self.keys is not None and self.events is not None:
            queries = torch.cat([self.queries, queries], 1)
            keys, events = torch.cat([self.keys, keys], 1), torch.cat([self.events, events], 1)
        self.queries = queries[:, -CARRIED:]
        self.keys, self.events = keys[:, -reach - CARRIED :], events[:, -reach - CARRIED :]
        return queries, keys, events


class Pointer(nn.Module):
    """Mixes a network's guess with what it points at; `size` is that of queries and keys."""

    def __init__(self, width: int, size: int = POINTER_SIZE) -> None:
        super().__init__()
        matrix = torch.randn(size, 2 * width) * (2 * width) ** -0.5
        self.queries, self.keys = nn.Parameter(matrix.clone()), nn.Parameter(matrix.clone())
        self.sharpness = nn.Parameter(torch.tensor([SHARPNESS]))
        self.momentum = nn.Parameter(torch.tensor([MOMENTUM]))
        self.sink = nn.Parameter(torch.zeros(1, 2 * width))
        self.bias = nn.Parameter(torch.tensor([SENTINEL]))

    def forward(
        self, first: Tensor, last: Tensor, events: Tensor, logits: Tensor, reach: int, past: PointerPast
    ) -> Tensor:
        """Logarithms of probabilities Tensor[B x T x vocabulary] of each following event.

        Args:
            first: Tensor[B x T x width], what enters the first layer; `last`, what leaves the last.
            events: Tensor[B x T], the newest event at each place.
            logits: Tensor[B x T x vocabulary], the network's own guess.
            reach: how many events back may be pointed at, the newest included.
            past: what was read before; moves on in place.
        """
        with torch.autocast(first.device.type, enabled=False):
            hidden = torch.cat([first, last], -1).float()
            length = hidden.shape[1]
            queries = normalize(linear(hidden, self.queries), dim=-1) * self.sharpness
            keys = normalize(linear(hidden, self.keys), dim=-1)
            queries, keys, heard = past.extended(queries, keys, events, reach)
            likeness = self._carried(queries @ keys.transpose(1, 2))[:, -length:]
            sentinel = linear(hidden, self.sink) + self.bias
            shares = torch.softmax(torch.cat([likeness + _visible(heard.shape[1], length, reach), sentinel], -1), -1)
            pointed = shares[..., :-1] @ one_hot(heard, VOCABULARY_SIZE).float()
            own = torch.softmax(logits.float(), -1)
            return (pointed + shares[..., -1:] * own + LEAST).log()

    def _carried(self, likeness: Tensor) -> Tensor:
        """Likenesses [B x queries x keys], each with those of the events before both, faded."""
        _, queries, keys = likeness.shape
        for doubling in range(DOUBLINGS):
            steps = 2**doubling
            before = pad(likeness, (steps, 0, steps, 0))[:, :queries, :keys]
            likeness = likeness + self.momentum**steps * before
        return likeness


def _visible(keys: int, queries: int, reach: int) -> Tensor:
    """0 where the last `queries` of `keys` places may point, to themselves and `reach` - 1 before; else minus a lot."""
    distance = torch.arange(keys - queries, keys)[:, None] - torch.arange(keys)
    return torch.zeros(distance.shape).masked_fill_((distance < 0) | (distance >= reach), -1e4)
