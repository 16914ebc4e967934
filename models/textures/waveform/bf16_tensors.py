"""Tensors of torch as the compiled loops of training take them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from models.textures.waveform.bf16_products import Floats, Halves, Pairs


def pairs_of(matrices: Tensor) -> Pairs:
    """Rows two by two [L x in / 2 * out] of matrices [L x in x out], as bfloat16."""
    layers, rows, columns = matrices.shape
    side_by_side = matrices.to(torch.bfloat16).reshape(layers, rows // 2, 2, columns).transpose(2, 3).contiguous()
    return side_by_side.view(torch.int32).view(layers, -1).numpy().view(np.uint32)


def halves_of(tensor: Tensor) -> Halves:
    """As bfloat16, flat."""
    return tensor.to(torch.bfloat16).contiguous().view(torch.int16).view(-1).numpy().view(np.uint16)


def floats_of(tensor: Tensor) -> Floats:
    """As float32 [L x the rest]."""
    return tensor.float().reshape(len(tensor), -1).numpy()
