"""SampleRNN: sound drawn value by value under two recurrent tiers that hear frames of it.

References:
  Mehri et al. 2017, "SampleRNN: An Unconditional End-to-End Neural Audio Generation Model",
  https://arxiv.org/abs/1612.07837
  Cho et al. 2014, https://arxiv.org/abs/1406.1078 (the recurrent units)

The top tier hears frames of 64 values, the middle one frames of 16 and what the top says about each of them, the lowest
one the last values one by one and what the middle says about each value that comes. Style and plan are told to all.
What is predicted of the next value (LPCNet, https://arxiv.org/abs/1810.11846) reaches the lowest tier, as in the
WaveNet here. Time comes first in every tensor (frames, streams, channels).
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.textures.audio.mu_law import BLOCK_FRAMES, SILENCE
from models.textures.samplernn.sizes import SampleRnnSizes
from models.textures.waveform.network import WaveNetwork
from models.textures.waveform.torch_functions import level_features, weights

FULL_SCALE: Final = 4.0
"""Of the values in a frame, which are classes about silence."""


class SampleRnn(WaveNetwork):
    def __init__(self, sizes: SampleRnnSizes) -> None:
        super().__init__()
        self.sizes: SampleRnnSizes = sizes
        self.top_frame = weights(sizes.top_frames, sizes.top)
        self.middle_frame = weights(sizes.middle_frames, sizes.middle)
        self.top_unit, self.middle_unit = nn.GRU(sizes.top, sizes.top), nn.GRU(sizes.middle, sizes.middle)
        self.top_out = weights(sizes.top, sizes.top_frames // sizes.middle_frames * sizes.middle)
        self.middle_out = weights(sizes.middle, sizes.middle_frames * sizes.channels)
        self.embedding = nn.Parameter(level_features(sizes.embedding))
        self.taps = nn.Parameter(torch.randn(sizes.heard, sizes.embedding, sizes.channels) * sizes.embedding**-0.5)
        for tier, width in (("top_", sizes.top), ("middle_", sizes.middle), ("", sizes.channels)):
            self.register_parameter(f"{tier}style", nn.Parameter(torch.zeros(len(sizes.styles), width)))
            self.register_parameter(f"{tier}condition", weights(sizes.conditions, width, scale=0.3))
            self.register_parameter(f"{tier}bias", nn.Parameter(torch.zeros(width)))
        self.taps.data *= 0.3
        self.hidden = weights(sizes.channels, sizes.channels, scale=2.0**0.5)
        self.hidden_bias = nn.Parameter(torch.zeros(sizes.channels))
        self._add_shared(sizes.channels, sizes.channels)

    def forward(
        self,
        classes: Tensor,
        style: Tensor,
        conditions: Tensor,
        past: list[Tensor] | None = None,
        predicted: Tensor | None = None,
        wanted: Tensor | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """See `WaveNetwork`. The past: classes about silence [top_frames - 1 x B], and what the recurrent tiers
        remember [1 x B x top], [1 x B x middle]."""
        sizes, (frames, streams) = self.sizes, classes.shape
        before, top, middle = past if past is not None else self.silent_past(streams)
        conditions = self._conditions(conditions)
        known = torch.cat([before, classes - SILENCE])  # [top_frames - 1 + T x B]
        values = known * (FULL_SCALE / SILENCE)

        heard = framed(values, sizes.top_frames, frames) @ self.top_frame  # [T / top_frames x B x top]
        heard = heard + repeated(self._told("top_", style, conditions), BLOCK_FRAMES // sizes.top_frames)
        said, top = in_float(self.top_unit, heard, top)
        said = spread_out(said @ self.top_out, sizes.middle)  # [T / middle_frames x B x middle]

        heard = framed(values[sizes.top_frames - sizes.middle_frames :], sizes.middle_frames, frames)
        told = repeated(self._told("middle_", style, conditions), BLOCK_FRAMES // sizes.middle_frames)
        said, middle = in_float(self.middle_unit, heard @ self.middle_frame + said + told, middle)
        said = spread_out(said @ self.middle_out, sizes.channels)  # [T x B x channels]

        x = said + repeated(self._told("", style, conditions), BLOCK_FRAMES)
        entering = self._lowest(known[sizes.top_frames - sizes.heard :] + SILENCE, x, predicted)
        return self._answer(entering, streams, predicted, wanted), [known[frames:], top, middle]

    @property
    def hidden_layer(self) -> tuple[Tensor, Tensor]:
        return self.hidden, self.hidden_bias

    def _told(self, tier: str, style: Tensor, conditions: Tensor) -> Tensor:
        """What a tier is told [blocks x B x width]."""
        own = style @ self.get_parameter(f"{tier}style") + self.get_parameter(f"{tier}bias")
        return conditions @ self.get_parameter(f"{tier}condition") + own

    def _lowest(self, known: Tensor, x: Tensor, predicted: Tensor | None) -> Tensor:
        """What enters the head [T * B x channels], of what the middle tier says [T x B x channels], and of classes
        [heard - 1 + T x B]."""
        frames, _, channels = x.shape
        tables = self.embedding @ self.taps  # [heard x 256 x channels], the oldest first
        for place, table in enumerate(tables):
            x = x + functional.embedding(known[place : place + frames], table)
        if predicted is not None:
            x = x + functional.embedding(predicted, self.foretold)
        return torch.relu(x).view(-1, channels)

    def silent_past(self, streams: int) -> list[Tensor]:
        before = torch.zeros(self.sizes.top_frames - 1, streams, dtype=torch.int64, device=self.embedding.device)
        new = self.embedding.new_zeros
        return [before, new(1, streams, self.sizes.top), new(1, streams, self.sizes.middle)]


def framed(values: Tensor, length: int, frames: int) -> Tensor:
    """The first `frames` values [… x B] in frames of a length [frames / length x B x length]."""
    return values[:frames].view(-1, length, values.shape[1]).transpose(1, 2)


def spread_out(said: Tensor, width: int) -> Tensor:
    """What was said of several moments at once [N x B x moments * width], one by one [N * moments x B x width]."""
    count, streams, _ = said.shape
    return said.view(count, streams, -1, width).transpose(1, 2).reshape(-1, streams, width)


def repeated(told: Tensor, times: int) -> Tensor:
    """Each block [blocks x B x width] so many times."""
    return told.repeat_interleave(times, dim=0)


def in_float(unit: nn.GRU, heard: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """A recurrent tier in single precision, whatever type its surroundings are computed in."""
    with torch.autocast(heard.device.type, enabled=False):
        said, after = unit(heard.float(), state.float())
    return said, after
