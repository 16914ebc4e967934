"""WaveNet: sound drawn value by value by dilated causal convolutions.

References:
  van den Oord et al. 2016, "WaveNet: A Generative Model for Raw Audio", https://arxiv.org/abs/1609.03499
  Paine et al. 2016, "Fast Wavenet Generation Algorithm", https://arxiv.org/abs/1611.09482 (what `past` keeps)

Time comes first in every tensor (frames, streams, channels): a shift by a layer's dilation is then a view, and both
taps of a convolution are plain matrix products. The parameters of all layers are stacked, first axis the layer.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.textures.waveform.network import WaveNetwork
from models.textures.waveform.torch_functions import level_features, weights
from models.textures.wavenet.gated_stack import gated_stack
from models.textures.wavenet.sizes import WaveNetSizes
from models.textures.wavenet.stack_weights import StackWeights


class WaveNet(WaveNetwork):
    def __init__(self, sizes: WaveNetSizes) -> None:
        super().__init__()
        self.sizes: WaveNetSizes = sizes
        layers, width, skip = sizes.layers, sizes.channels, sizes.skip_channels
        self.embedding = nn.Parameter(level_features(width))
        self.tap_past = weights(layers, width, 2 * width)
        self.tap_now = weights(layers, width, 2 * width)
        self.gate_bias = nn.Parameter(torch.zeros(layers, 2 * width))
        self.style = nn.Parameter(torch.zeros(layers, len(sizes.styles), 2 * width))
        self.condition = nn.Parameter(torch.zeros(layers, sizes.conditions, 2 * width))
        self.residual = weights(layers, width, width, scale=0.5)
        self.residual_bias = nn.Parameter(torch.zeros(layers, width))
        self.skip = weights(layers, width, skip, scale=layers**-0.5)
        self.skip_bias = nn.Parameter(torch.zeros(skip))
        self.head = weights(skip, sizes.head_channels)
        self.head_bias = nn.Parameter(torch.zeros(sizes.head_channels))
        self._add_shared(sizes.head_channels, width)

    def forward(
        self,
        classes: Tensor,
        style: Tensor,
        conditions: Tensor,
        past: list[Tensor] | None = None,
        predicted: Tensor | None = None,
        wanted: Tensor | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """See `WaveNetwork`. The past: per layer its last inputs [dilation x B x C]."""
        streams = classes.shape[1]
        past = past if past is not None else self.silent_past(streams)
        x = functional.embedding(classes, self.embedding)  # [T x B x C]
        if predicted is not None:
            x = x + functional.embedding(predicted, self.foretold)
        skipped, after = gated_stack(
            x, past, self.sizes.dilations, self._stack_weights(style, self._conditions(conditions))
        )
        return self._answer(torch.relu(skipped + self.skip_bias), streams, predicted, wanted), after

    @property
    def hidden_layer(self) -> tuple[Tensor, Tensor]:
        return self.head, self.head_bias

    def _stack_weights(self, style: Tensor, conditions: Tensor) -> StackWeights:
        """Weights in the type that products have here, and what style and conditions add in every block."""
        kind = self.gate_bias.dtype
        if torch.is_autocast_enabled(style.device.type):
            kind = torch.get_autocast_dtype(style.device.type)
        bias = self.gate_bias[:, None, None] + (style @ self.style)[:, None] + conditions @ self.condition[:, None]
        taps = torch.cat([self.tap_past, self.tap_now], 1)
        return StackWeights(*(tensor.to(kind) for tensor in (bias, taps, self.residual, self.residual_bias, self.skip)))

    def silent_past(self, streams: int) -> list[Tensor]:
        width = self.sizes.channels
        return [self.embedding.new_zeros(dilation, streams, width) for dilation in self.sizes.dilations]
