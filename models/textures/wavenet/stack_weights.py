"""The weights of a WaveNet's layers as training takes them."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class StackWeights(NamedTuple):
    """Of all layers, first axis the layer, of one type; `bias` [L x blocks x B x 2C] is what all frames of a block get.

    `taps` [L x 2C x 2C], the past one's rows first, `residual` [L x C x C], `residual_bias` [L x C], `skip` [L x C x
    skip].
    """

    bias: Tensor
    taps: Tensor
    residual: Tensor
    residual_bias: Tensor
    skip: Tensor
