"""Parts of networks in torch that all makers of waves have."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from models.textures.audio.linear_prediction import LEVEL_VALUES, SPREAD_RANGE
from models.textures.audio.mu_law import CLASSES, expand


def nearness(hidden: Tensor, predicted: Tensor, spread: Tensor, spread_bias: Tensor) -> Tensor:
    """How well each class agrees with the forecast: scores [N x 256] from hidden [N x head] and levels [N].

    The logarithm of a hyperbolic distribution (Barndorff-Nielsen 1977) about the forecast, a bell with straight
    flanks, whose sharpness and weight the network says for every value anew: hidden @ spread [head x 2] + spread_bias.
    """
    sharpness, weight = torch.addmm(spread_bias, hidden, spread).float().clamp(*SPREAD_RANGE).exp().T
    values, level_values = _values(hidden.device)
    away = (values - level_values[predicted][:, None]) * sharpness[:, None]
    return (1.0 - torch.sqrt(1.0 + away * away)) * weight[:, None]


@cache
def _values(device: torch.device) -> tuple[Tensor, Tensor]:
    """What classes [256] and levels [1024] stand for."""
    return torch.from_numpy(expand(np.arange(CLASSES))).to(device), torch.from_numpy(LEVEL_VALUES).to(device)


def weights(*shape: int, scale: float = 1.0) -> nn.Parameter:
    """Normal weights whose products keep the size of their input (last two axes: in, out), times `scale`."""
    return nn.Parameter(torch.randn(*shape) * scale * shape[-2] ** -0.5)


def level_features(width: int, levels: int = CLASSES) -> Tensor:
    """First embedding of levels [levels x width]: smooth in level, so that neighbours begin as neighbours."""
    bent = torch.linspace(-1.0, 1.0, levels)
    straight = torch.from_numpy(expand(np.arange(levels) * (CLASSES - 1) / (levels - 1)))
    waves = [torch.sin(torch.pi * bent * (1 + n // 2) / 2 + (n % 2) * torch.pi / 2) for n in range(width)]
    return torch.stack([4.0 * bent, 4.0 * straight, *waves], dim=1)[:, :width].contiguous()
