"""Muon: momentum whose step is made orthogonal, for the hidden matrices of a network.

Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"
(https://kellerjordan.github.io/posts/muon): every direction of a matrix learns at the same rate, where Adam lets a few
large ones drown the rest. On small Transformers it needs about two thirds of AdamW's steps. Torch has it since 2.9;
this one works with older ones as well and leaves all other parameters to AdamW within the same optimiser.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

_QUINTIC = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5


@torch.no_grad()
def orthogonal(matrix: Tensor, bf16: bool = False) -> Tensor:
    """About the nearest matrix [M x N] whose singular values are all 1 (0.7 to 1.2), by Newton-Schulz iteration.

    It bears the roughness of bf16 well, for processors that are quick at it.
    """
    a, b, c = _QUINTIC
    x = matrix / (matrix.norm() + 1e-7)
    x = x.bfloat16() if bf16 else x
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(_ITERATIONS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """One group of matrices that learn by Muon, and groups that learn by AdamW."""

    def __init__(
        self,
        matrices: Sequence[nn.Parameter],
        others: Sequence[nn.Parameter],
        matrix_rate: float,
        rate: float,
        momentum: float = 0.95,
        betas: tuple[float, float] = (0.9, 0.98),
        weight_decay: float = 0.0,
        bf16: bool = False,
    ) -> None:
        """
        Args:
            matrices: hidden matrices [M x N].
            others: embeddings, heads, gains.
            matrix_rate: length of a step, in units of the step's singular values.
            weight_decay: of the matrices only, multiplied by the rate.
        """
        groups = [
            {"params": list(matrices), "lr": matrix_rate, "first_lr": matrix_rate, "muon": True},
            {"params": list(others), "lr": rate, "first_lr": rate, "muon": False},
        ]
        super().__init__(groups, {"momentum": momentum, "betas": betas, "weight_decay": weight_decay})
        self._bf16 = bf16

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # noqa: ARG002 - torch passes none
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    (self._matrix_step if group["muon"] else self._adam_step)(parameter, parameter.grad, group)

    def _matrix_step(self, parameter: nn.Parameter, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(gradient, 1 - group["momentum"])
        step = orthogonal(gradient.lerp(state["momentum"], group["momentum"]), self._bf16)
        parameter.mul_(1 - group["lr"] * group["weight_decay"])
        parameter.add_(step, alpha=-group["lr"] * max(1.0, parameter.shape[0] / parameter.shape[1]) ** 0.5)

    def _adam_step(self, parameter: nn.Parameter, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if not state:
            state.update(step=0, first=torch.zeros_like(parameter), second=torch.zeros_like(parameter))
        one, two = group["betas"]
        state["step"] += 1
        state["first"].lerp_(gradient, 1 - one)
        state["second"].mul_(two).addcmul_(gradient, gradient, value=1 - two)
        scale = (state["second"] / (1 - two ** state["step"])).sqrt_().add_(1e-8)
        parameter.addcdiv_(state["first"], scale, value=-group["lr"] / (1 - one ** state["step"]))
