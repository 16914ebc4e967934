"""The head that networks of waves share in torch: from what enters it to scores of classes, or to their loss."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.common.vector_code import WIDE_LANES
from models.textures.audio.mu_law import CLASSES
from models.textures.waveform import head_kernel
from models.textures.waveform.bf16_products import ROWS, has_pair_sums
from models.textures.waveform.bf16_tensors import halves_of, pairs_of
from models.textures.waveform.head_kernel import COLUMNS, HeadGradients, HeadPairs
from models.textures.waveform.torch_functions import nearness


class Head(NamedTuple):
    """`head` [in x hidden], `out` [hidden x 256], and what a network with a predictor has: `spread` [hidden x 2]."""

    head: Tensor
    head_bias: Tensor
    out: Tensor
    out_bias: Tensor
    spread: Tensor | None = None
    spread_bias: Tensor | None = None


def scores_of(entering: Tensor, own: Head, predicted: Tensor | None) -> Tensor:
    """Scores [N x 256] of what enters a head [N x in]; predicted: levels [N], for one that has `spread`."""
    hidden = torch.relu(torch.addmm(own.head_bias, entering, own.head))
    scores = torch.addmm(own.out_bias, hidden, own.out)
    if predicted is None or own.spread is None or own.spread_bias is None:
        return scores
    return scores + nearness(hidden, predicted, own.spread, own.spread_bias)


def loss_of(entering: Tensor, own: Head, predicted: Tensor | None, wanted: Tensor) -> Tensor:
    """The mean cross entropy of those scores and of the classes that are wanted [N], in nats."""
    if predicted is not None and own.spread is not None and _fits(entering, own):
        found: Tensor = _CompiledLoss.apply(torch.is_grad_enabled(), entering, predicted, wanted, *own)
        return found
    return functional.cross_entropy(scores_of(entering, own, predicted).float(), wanted)


def _fits(entering: Tensor, own: Head) -> bool:
    """Whether the compiled loop takes these sizes, on this processor, and products are bfloat16 here anyway."""
    right = entering.device.type == "cpu" and torch.is_autocast_enabled("cpu") and has_pair_sums()
    whole = len(entering) % ROWS == 0 and not any(size % WIDE_LANES for size in own.head.shape)
    return right and whole and not torch.compiler.is_compiling()


class _CompiledLoss(torch.autograd.Function):
    """Gradients are found together with the loss, and handed out when they are asked for."""

    @staticmethod
    def forward(ctx: Any, learn: bool, entering: Tensor, predicted: Tensor, wanted: Tensor, *tensors: Tensor) -> Tensor:
        own, width = Head(*tensors), entering.shape[1]
        size = own.head.shape[1]
        sizes = (len(entering) * width, width * size, size, size * COLUMNS, COLUMNS) if learn else (0,) * 5
        found = HeadGradients(*(np.zeros(size, np.float32) for size in sizes))
        halves = halves_of(entering)
        told = (predicted.contiguous().numpy(), wanted.contiguous().numpy())
        loss = head_kernel.loss(halves, halves.view(np.uint32), *told, width, _pairs(own), learn, found)
        if learn:
            ctx.found = _gradients(found, entering, own)
        return torch.tensor(loss, dtype=torch.float32)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        entering, *others = (found * gradient if gradient != 1 else found for found in ctx.found)
        return None, entering, None, None, *others


def _pairs(own: Head) -> HeadPairs:
    hidden = own.head.shape[1]
    out = torch.cat([own.out, own.spread, own.out.new_zeros(hidden, COLUMNS - CLASSES - 2)], 1)  # type: ignore[list-item]
    bias = torch.cat([own.out_bias, own.spread_bias, own.out.new_zeros(COLUMNS - CLASSES - 2)])  # type: ignore[list-item]
    head, out_bias = own.head[None], bias.float().numpy()
    forth = (pairs_of(head)[0], own.head_bias.float().numpy(), pairs_of(out[None])[0], out_bias)
    return HeadPairs(*forth, pairs_of(head.mT)[0], pairs_of(out[None].mT)[0])


def _gradients(found: HeadGradients, entering: Tensor, own: Head) -> tuple[Tensor, ...]:
    """Of what enters, and of a `Head`."""
    of_entering, head, head_bias, out, out_bias = map(torch.from_numpy, found)
    out = out.view(-1, COLUMNS)
    ends = (CLASSES, 2, COLUMNS - CLASSES - 2)
    (of_out, spread, _), (of_bias, spread_bias, _) = out.split(ends, 1), out_bias.split(ends)
    return of_entering.view_as(entering), head.view_as(own.head), head_bias, of_out, of_bias, spread, spread_bias
