"""Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon): torch's own, on any processor.

Muon makes the step of a hidden matrix orthogonal, so that every direction of it learns at the same rate. torch does so
in bf16. A processor that only emulates bf16 needs 145 ms for a matrix of 256 x 256 instead of 6 ms in float32: longer
than for all the rest of a training step. There the same steps are made in float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from models.common.devices import bf16_is_fast


def muon(matrices: Sequence[nn.Parameter], rate: float, weight_decay: float) -> torch.optim.Muon:
    """An optimiser for hidden matrices [M x N]; embeddings, heads and gains are better left to AdamW.

    Args:
        rate: length of a step, in units of the step's singular values.
        weight_decay: multiplied by the rate.
    """
    kind = torch.optim.Muon if bf16_is_fast(matrices[0].device) else FloatMuon
    return kind(matrices, lr=rate, weight_decay=weight_decay)


class FloatMuon(torch.optim.Muon):
    """Torch's Muon with its products in float32; a checkpoint of one goes on in the other."""

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # noqa: ARG002 - nobody passes one
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._move(parameter, parameter.grad, group)

    def _move(self, parameter: nn.Parameter, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(gradient)
        momentum = state["momentum_buffer"].lerp_(gradient, 1 - group["momentum"])
        step = orthogonal(gradient.lerp(momentum, group["momentum"]), group["ns_coefficients"], group["ns_steps"])
        parameter.mul_(1 - group["lr"] * group["weight_decay"])
        parameter.add_(step, alpha=-group["lr"] * max(1.0, parameter.shape[0] / parameter.shape[1]) ** 0.5)


def orthogonal(matrix: Tensor, coefficients: tuple[float, float, float], iterations: int) -> Tensor:
    """About the nearest matrix [M x N] whose singular values are all 1 (0.7 to 1.2), by Newton-Schulz iteration."""
    a, b, c = coefficients
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(iterations):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x
