"""The losses of performers."""

from __future__ import annotations

from typing import Final

from torch import Tensor
from torch.nn.functional import cross_entropy

NOT_COUNTED: Final = -100
"""The target where there is nothing to predict."""


def summed_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Nats of targets Tensor[B x T] under logits Tensor[B x T x vocabulary], summed over what counts."""
    return cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=NOT_COUNTED, reduction="sum")
