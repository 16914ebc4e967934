"""What there is to compute on."""

from __future__ import annotations

import torch


def has_card() -> bool:
    """Whether torch can use a CUDA card here."""
    return torch.cuda.is_available()
