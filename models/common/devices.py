"""What a computation can run on, and what is fast there."""

from __future__ import annotations

import time
from functools import cache

import torch
from torch import Tensor

TRIES = 5


def has_card() -> bool:
    """Whether torch can use a CUDA card here."""
    return torch.cuda.is_available()


def best_device() -> torch.device:
    """A CUDA card where there is one."""
    return torch.device("cuda" if has_card() else "cpu")


@cache
def bf16_is_fast(device: torch.device | None = None) -> bool:
    """Whether bf16 products beat float32 there (here if not given); some processors emulate them, 25 times slower."""
    if device is not None and device.type == "cuda":
        return True
    a, b = torch.randn(256, 512), torch.randn(512, 512)

    def seconds(x: Tensor, y: Tensor) -> float:
        """That this thread had a core for, at best: where something else runs, nothing is the slower for it."""
        return min(_once_s(x, y) for _ in range(TRIES))

    return seconds(a.bfloat16(), b.bfloat16()) < 0.7 * seconds(a, b)


def _once_s(x: Tensor, y: Tensor) -> float:
    start_s = time.thread_time()
    x @ y
    return time.thread_time() - start_s


def autocast(device: torch.device) -> torch.autocast:
    """Products in bf16 where that is fast, else in float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=bf16_is_fast(device))
