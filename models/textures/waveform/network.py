"""What networks of waves share in torch: what a plan and linear prediction tell them, and the head that answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.textures.audio.linear_prediction import FIRST_SHARPNESS, LEVELS, WIDTHS
from models.textures.audio.mu_law import CLASSES
from models.textures.products.panels import CONDITION_SLOPE
from models.textures.waveform.head import Head, loss_of, scores_of
from models.textures.waveform.torch_functions import level_features, weights


class WaveNetwork(nn.Module, ABC):
    """A subclass makes `embedding` and parameters of its own, and then those of all with `_add_shared`."""

    sizes: Any
    """`told`, `conditions` and `predictor_order` among them."""
    embedding: nn.Parameter

    def _add_shared(self, hidden: int, width: int) -> None:
        """The last layer has `hidden` inputs; what is predicted is heard in `width` channels."""
        self.out = weights(hidden, CLASSES)
        self.out_bias = nn.Parameter(torch.zeros(CLASSES))
        if self.sizes.told:
            self.told = weights(self.sizes.told, self.sizes.conditions)
            self.told_bias = nn.Parameter(torch.zeros(self.sizes.conditions))
        if self.sizes.predictor_order:
            self.foretold = nn.Parameter(level_features(width, LEVELS))
            self.spread = nn.Parameter(torch.zeros(hidden, 2))
            self.spread_bias = nn.Parameter(torch.tensor([FIRST_SHARPNESS, 0.0]))
            self.out_bias.data = torch.from_numpy(np.log(WIDTHS))
            self.out.data *= 0.1

    @abstractmethod
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
        the frames after.
        """

    @abstractmethod
    def silent_past(self, streams: int) -> list[Tensor]:
        """What comes before the first frame: nothing, as zeros."""

    @property
    @abstractmethod
    def hidden_layer(self) -> tuple[Tensor, Tensor]:
        """Weights and bias of the head's first layer."""

    @property
    def whole_head(self) -> Head:
        spread = (self.spread, self.spread_bias) if self.sizes.predictor_order else ()
        return Head(*self.hidden_layer, self.out, self.out_bias, *spread)

    def _conditions(self, conditions: Tensor) -> Tensor:
        """As they are, or what the network makes of what a plan tells."""
        if not self.sizes.told:
            return conditions
        return functional.leaky_relu(conditions @ self.told + self.told_bias, CONDITION_SLOPE)

    def _answer(self, entering: Tensor, streams: int, predicted: Tensor | None, wanted: Tensor | None) -> Tensor:
        """What `forward` returns first, from what enters the head [T * B x in]."""
        levels = predicted if predicted is None else predicted.flatten()
        if wanted is not None:
            return loss_of(entering, self.whole_head, levels, wanted.flatten())
        return scores_of(entering, self.whole_head, levels).view(-1, streams, CLASSES)
