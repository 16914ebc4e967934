"""WaveNet: sound drawn value by value by dilated causal convolutions.

References:
  van den Oord et al. 2016, "WaveNet: A Generative Model for Raw Audio", https://arxiv.org/abs/1609.03499
  Paine et al. 2016, "Fast Wavenet Generation Algorithm", https://arxiv.org/abs/1611.09482 (what `past` keeps)

Time comes first in every tensor (frames, streams, channels): a shift by a layer's dilation is then a view, and both
taps of a convolution are plain matrix products. The parameters of all layers are stacked, first axis the layer.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.textures.audio.linear_prediction import FIRST_SHARPNESS, LEVELS, WIDTHS
from models.textures.audio.mu_law import CLASSES
from models.textures.products.panels import CONDITION_SLOPE
from models.textures.waveform.head import Head, loss_of, scores_of
from models.textures.waveform.torch_functions import level_features, weights
from models.textures.wavenet.gated_stack import gated_stack
from models.textures.wavenet.sizes import WaveNetSizes
from models.textures.wavenet.stack_weights import StackWeights


class WaveNet(nn.Module):
    def __init__(self, sizes: WaveNetSizes) -> None:
        super().__init__()
        self.sizes = sizes
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
        self.out = weights(sizes.head_channels, CLASSES)
        self.out_bias = nn.Parameter(torch.zeros(CLASSES))
        if sizes.told:
            self.told = weights(sizes.told, sizes.conditions)
            self.told_bias = nn.Parameter(torch.zeros(sizes.conditions))
        if sizes.predictor_order:
            self.foretold = nn.Parameter(level_features(width, LEVELS))
            self.spread = nn.Parameter(torch.zeros(sizes.head_channels, 2))
            self.spread_bias = nn.Parameter(torch.tensor([FIRST_SHARPNESS, 0.0]))
            self.out_bias.data = torch.from_numpy(np.log(WIDTHS))
            self.out.data *= 0.1

    def forward(
        self,
        classes: Tensor,
        style: Tensor,
        conditions: Tensor,
        past: list[Tensor] | None = None,
        predicted: Tensor | None = None,
        wanted: Tensor | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """Scores for the class that follows each given one.

        classes: int64 [T x B], T a multiple of `BLOCK_FRAMES`; style: float [B x styles], summing to 1 each;
        conditions: float [T / BLOCK_FRAMES x B x conditions], or [… x told], what a plan tells;
        past: as returned for the frames before these.
        predicted: int64 [T x B], the level that linear prediction expects there; needed if the sizes have a predictor.
        wanted: int64 [T x B], the classes that do follow.
        Returns scores [T x B x 256], or in place of them the mean loss of what is `wanted`, in nats; and the past for
        the frames after: per layer its last inputs [dilation x B x C].
        """
        frames, streams = classes.shape
        past = past if past is not None else self.silent_past(streams)
        if self.sizes.told:
            conditions = functional.leaky_relu(conditions @ self.told + self.told_bias, CONDITION_SLOPE)
        x = functional.embedding(classes, self.embedding)  # [T x B x C]
        if predicted is not None:
            x = x + functional.embedding(predicted, self.foretold)
        skipped, after = gated_stack(x, past, self.sizes.dilations, self._stack_weights(style, conditions))
        entering, levels = torch.relu(skipped + self.skip_bias), predicted if predicted is None else predicted.flatten()
        if wanted is not None:
            return loss_of(entering, self._head(), levels, wanted.flatten()), after
        return scores_of(entering, self._head(), levels).view(frames, streams, CLASSES), after

    def _head(self) -> Head:
        told = (self.spread, self.spread_bias) if self.sizes.predictor_order else ()
        return Head(self.head, self.head_bias, self.out, self.out_bias, *told)

    def _stack_weights(self, style: Tensor, conditions: Tensor) -> StackWeights:
        """Weights in the type that products have here, and what style and conditions add in every block."""
        kind = self.gate_bias.dtype
        if torch.is_autocast_enabled(style.device.type):
            kind = torch.get_autocast_dtype(style.device.type)
        bias = self.gate_bias[:, None, None] + (style @ self.style)[:, None] + conditions @ self.condition[:, None]
        taps = torch.cat([self.tap_past, self.tap_now], 1)
        return StackWeights(*(tensor.to(kind) for tensor in (bias, taps, self.residual, self.residual_bias, self.skip)))

    def silent_past(self, streams: int) -> list[Tensor]:
        """What comes before the first frame: nothing, as zeros."""
        width = self.sizes.channels
        return [self.embedding.new_zeros(dilation, streams, width) for dilation in self.sizes.dilations]
