"""Piano Transformer: a decoder with relative self-attention that writes expressive piano, event by event.

Huang et al. 2018, "Music Transformer: Generating Music with Long-Term Structure" (arXiv 1809.04281), on the same
vocabulary as the Performance RNN. Their relative attention adds a learnt logit for each distance, which costs a
product as large as attention itself and a table as long as the memory. Here queries and keys are turned by an angle
that grows with their position instead (rotary embedding, Su et al. 2021, arXiv 2104.09864): their product then depends
on their distance alone, at the cost of two multiplications, and turned keys can be kept in a cache.

Music has two clocks, so there are two groups of heads: one measures distance in events, the other in played time.
Within a group all queries share their keys and values (Ainslie et al. 2023, arXiv 2305.13245), which keeps the cache
of a drawing in the processor's own. Normalised queries and keys, squared ReLU (So et al. 2021, arXiv 2109.08668),
gated heads (Qiu et al. 2025, arXiv 2505.06708), no biases, and normalisation without gains before each part. Most
layers look back at the last bars only, every third at the whole memory (Beltagy et al. 2020, arXiv 2004.05150).

And music returns, so a third group recalls: its keys are those of the event before (Xu et al. 2024, "KV Shifting
Attention Enhances Language Modeling", arXiv 2411.19574) and are not turned. A head that looks for playing like the
present then finds what came next, at any distance and within one layer (Olsson et al. 2022, arXiv 2209.11895, call this
induction). Turned keys cannot do it: over two minutes only eight of their 64 dimensions hold still. Where nothing is
like the present, a learnt logit lets such a head attend to nothing. At the end a pointer may take an event as it was.

Drawing does not use this file: see `models/performers/drawing/kernels/transformer.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import embedding, linear, rms_norm

from models.performers.networks.losses import summed_cross_entropy
from models.performers.networks.pointer import Pointer, PointerPast
from models.performers.networks.transformer_sizes import NO_SINK, RECALL, RECENT_EVENTS, PianoTransformerSizes, turns
from models.performers.networks.window_streams import WindowBatch, following_windows
from models.performers.vocabulary.conditioning import CONDITION_SIZE
from models.performers.vocabulary.events import VOCABULARY_SIZE
from models.performers.vocabulary.keyboard_state import STATE_SIZE

MEASURED_AT_ONCE: Final = 1_024
"""Events of a piece that go through the network together while it is measured."""

RECALL_SHARPNESS: Final = 2.5
"""At first; sharp enough to tell one event from two thousand."""

QUERY_BLOCK: Final = 256
"""Queries that `looked_back` takes together: their logits stay in the processor's cache."""


class Window(NamedTuple):
    """What the network reads, all of a stretch of T events in each of B pieces.

    `recent` Tensor[B x T x RECENT_EVENTS] are the event and those before it, the newest first; `positions` and `times`
    Tensor[B x T], in events and steps of 10 ms since the piece began, `states` Tensor[B x T x state] and `conditions`
    Tensor[B x T x condition] belong to the newest.
    """

    recent: Tensor
    positions: Tensor
    times: Tensor
    states: Tensor
    conditions: Tensor

    @classmethod
    def of(cls, batch: WindowBatch, rows: slice = slice(None)) -> Window:
        """Some rows of a batch."""
        parts = (batch.recent, batch.positions, batch.times, batch.states, batch.conditions)
        return cls(*(torch.from_numpy(np.ascontiguousarray(part[rows])) for part in parts))


class Past:
    """Keys and values Tensor[N x up to reach - 1 x size] of what one layer has read, the newest last."""

    def __init__(self) -> None:
        self._newest: Tensor | None = None
        self._keys: Tensor | None = None
        self._values: Tensor | None = None

    def delayed(self, keys: Tensor) -> Tensor:
        """Keys Tensor[B x T x size], each in the place of the one after it; remembers the last."""
        first = torch.zeros_like(keys[:, :1]) if self._newest is None else self._newest
        self._newest = keys[:, -1:]
        return torch.cat([first, keys[:, :-1]], 1)

    def extended(self, keys: Tensor, values: Tensor, reach: int) -> tuple[Tensor, Tensor]:
        """Those remembered with new ones Tensor[N x T x size] behind them; remembers what the next call may need."""
        if self._keys is not None and self._values is not None:
            keys, values = torch.cat([self._keys, keys], 1), torch.cat([self._values, values], 1)
        self._keys, self._values = keys[:, -(reach - 1) :], values[:, -(reach - 1) :]
        return keys, values


class NetworkPast(NamedTuple):
    """What a whole network has read: by its layers, and by its pointer."""

    layers: list[Past]
    pointer: PointerPast


class _Layer(nn.Module):
    def __init__(self, sizes: PianoTransformerSizes, reach: int) -> None:
        super().__init__()
        self._sizes, self._reach = sizes, reach
        width, attended, shared = sizes.width, sizes.heads * sizes.head, sizes.groups * sizes.head
        self.queries = _matrix(attended, width)
        self.keys = _matrix(shared, width)
        self.values = _matrix(shared, width)
        self.gate = nn.Parameter(torch.zeros(sizes.heads, width))
        self.sharpness = nn.Parameter(torch.full((sizes.heads, 1), 1.5))
        self.sink = nn.Parameter(torch.full((sizes.heads, 1), NO_SINK))
        self.out = nn.Parameter(torch.zeros(width, attended))
        self.up = _matrix(sizes.hidden, width)
        self.down = nn.Parameter(torch.zeros(width, sizes.hidden))

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], past: Past) -> Tensor:
        x = x + self._attention(_norm(x), turn, past)
        return x + linear(linear(_norm(x), self.up).relu().square(), self.down)

    def _attention(self, x: Tensor, turn: tuple[Tensor, Tensor], past: Past) -> Tensor:
        """What the heads bring from the events before; Tensor[B x T x width] to the same."""
        sizes, (rows, length, _) = self._sizes, x.shape
        size, groups, share = sizes.head, sizes.groups, sizes.heads // sizes.groups
        joined = linear(x, torch.cat([self.queries, self.keys, self.values]))
        q, k, v = joined.split([sizes.heads * size, groups * size, groups * size], -1)
        strength = self.sharpness.view(groups, share, 1) * size**-0.5
        q = _turned(_norm(q.view(rows, length, groups, share, size)) * strength, *(t[..., None, :] for t in turn))
        k = _turned(_norm(k.view(rows, length, groups, size)), *turn)
        if groups > RECALL:
            k = torch.cat([k[:, :, :RECALL], past.delayed(k[:, :, RECALL])[:, :, None]], 2)
        q = q.permute(0, 2, 3, 1, 4).flatten(0, 1).to(v.dtype)  # B groups x share x T x size
        k = k.transpose(1, 2).flatten(0, 1).to(v.dtype)  # B groups x T x size
        v = v.view(rows, length, groups, size).transpose(1, 2).flatten(0, 1)
        k, v = past.extended(k, v, self._reach)
        heard = looked_back(q, k, v, self._reach, self.sink.view(groups, share).repeat(rows, 1))
        heard = heard.view(rows, sizes.heads, length, size).transpose(1, 2)
        gate = 2 * linear(x, self.gate).sigmoid()
        return linear((heard * gate[..., None]).flatten(2), self.out)


class PianoTransformer(nn.Module):
    """Next-event logits from the events before, the keyboard they leave, and conditions."""

    def __init__(self, sizes: PianoTransformerSizes | None = None, dropout: float = 0.0) -> None:
        super().__init__()
        self.sizes = sizes = sizes or PianoTransformerSizes()
        # Besides the event itself the three before it enter through tables of their own, which are free to look up.
        self.embedding = nn.Parameter(torch.randn(RECENT_EVENTS, VOCABULARY_SIZE, sizes.width))
        self.embedding.data[1:] *= 0.3
        self.condition = nn.Parameter(torch.randn(sizes.width, CONDITION_SIZE) * 0.3)
        self.state = nn.Parameter(torch.randn(sizes.width, STATE_SIZE) * 0.1)
        self.layers = nn.ModuleList([_Layer(sizes, sizes.reach(i)) for i in range(sizes.layers)])
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Parameter(torch.zeros(VOCABULARY_SIZE, sizes.width))
        self.pointer = Pointer(sizes.width)
        self._begin_to_recall()
        self._turns = torch.from_numpy(np.stack([turns(sizes.head, group) for group in range(sizes.groups)]))

    @torch.no_grad()
    def _begin_to_recall(self) -> None:
        """Where queries equal keys, playing like the present is found before anything is learnt."""
        sizes = self.sizes
        share = sizes.heads // sizes.groups
        for layer in cast(list[_Layer], list(self.layers)) if sizes.groups > RECALL else ():
            keys = layer.keys[RECALL * sizes.head :]
            layer.queries[RECALL * share * sizes.head :] = keys.repeat(share, 1)
            layer.sharpness[RECALL * share :] = RECALL_SHARPNESS
            layer.sink[RECALL * share :] = 0.0

    def forward(self, window: Window, past: NetworkPast | None = None) -> Tensor:
        """Logits Tensor[B x T x vocabulary] of each following event; they are logarithms of probabilities.

        Args:
            past: what it remembers of earlier windows of the same pieces; moves on in place.
        """
        past = past or self.nothing_read()
        x = linear(window.states, self.state) + linear(window.conditions, self.condition)
        for back in range(RECENT_EVENTS):
            x = x + embedding(window.recent[..., back], self.embedding[back])
        x = first = self.dropout(_norm(x))
        turn = self._turn(window)
        for layer, read in zip(self.layers, past.layers, strict=True):
            x = layer(x, turn, read)
        x = self.dropout(_norm(x))
        events, reach = window.recent[..., 0], self.sizes.memory_events
        return cast(Tensor, self.pointer(first, x, events, linear(x, self.head), reach, past.pointer))

    def nothing_read(self) -> NetworkPast:
        """What it remembers before a piece."""
        return NetworkPast([Past() for _ in self.layers], PointerPast())

    def summed_nats(
        self, pieces: Sequence[NDArray[np.int16]], conditioned: bool, measured: Callable[[int], None] = lambda _: None
    ) -> float:
        """Nats of all events after the first of some pieces; `conditioned` on density and pitch classes ahead or not.

        Each layer looks back as far as it ever does, over any length of piece, as in drawing. `measured` is told of
        events as they are counted.
        """
        total = 0.0
        for piece in pieces:
            past = self.nothing_read()
            for row in following_windows(piece, MEASURED_AT_ONCE, conditioned):
                logits = self(Window.of(row), past)
                total += float(summed_cross_entropy(logits, torch.from_numpy(row.targets)))
                measured(row.targets.size)
        return total

    def _turn(self, window: Window) -> tuple[Tensor, Tensor]:
        """Cosines and sines Tensor[B x T x groups x head / 2]: by events in the first group, by time in the second."""
        clocks = torch.stack([window.positions, window.times, torch.zeros_like(window.times)], -1)
        clocks = clocks[..., : self.sizes.groups]
        angles = clocks[..., None].double() * self._turns
        return angles.cos().float(), angles.sin().float()


def looked_back(q: Tensor, k: Tensor, v: Tensor, reach: int, sink: Tensor) -> Tensor:
    """Softmax attention of each position to itself and the `reach` - 1 before it.

    In blocks of queries, each against the keys it can see at all: on processors this is several times faster than
    torch's own attention, and memory grows with the length only.

    Args:
        q: Tensor[N x share x T x size], already scaled, of the last T of K positions.
        k: Tensor[N x K x size]; v alike.
        sink: Tensor[N x share], the logit of attending to nothing.

    Returns:
        Tensor[N x share x T x size].
    """
    length, share, before = q.shape[2], q.shape[1], k.shape[1] - q.shape[2]
    block = min(QUERY_BLOCK, reach)
    heard: list[Tensor] = []
    for start in range(0, length, block):
        stop = min(length, start + block)
        first, last = max(0, before + start - reach + 1), before + stop
        distance = torch.arange(before + start, last)[:, None] - torch.arange(first, last)
        mask = torch.zeros(distance.shape, dtype=q.dtype).masked_fill_((distance < 0) | (distance >= reach), -1e4)
        queries = q[:, :, start:stop].flatten(1, 2)  # N x share block x size
        logits = torch.matmul(queries, k[:, first:last].transpose(1, 2)) + mask.repeat(share, 1)
        nothing = sink.repeat_interleave(stop - start, 1)[..., None].to(logits.dtype)
        weights = torch.softmax(torch.cat([logits, nothing], -1), -1)[..., :-1]
        part = torch.matmul(weights.to(v.dtype), v[:, first:last])
        heard.append(part.unflatten(1, (share, stop - start)))
    return torch.cat(heard, 2)


def _matrix(rows: int, columns: int) -> nn.Parameter:
    return nn.Parameter(torch.randn(rows, columns) * columns**-0.5)


def _norm(x: Tensor) -> Tensor:
    return rms_norm(x, x.shape[-1:], eps=1e-6)


def _turned(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Pairs (i, i + half) of the last dimension as points in a plane, turned."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cosines - b * sines, a * sines + b * cosines], -1)
