"""All layers of a WaveNet in one step of autograd: forward, and backward by hand.

Torch's own backward of a layer takes some forty passes over tensors of all frames, and these take three times as long
as the products do. Here both taps are one product, each product reads and writes where the next one needs it, what is
added to is added to in place, and the skips of all layers are one product.

Products have the type of the weights, bfloat16 where that is fast; what runs from layer to layer stays in float32, and
so do its gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import Tensor

from models.textures.wavenet import compiled_stack
from models.textures.wavenet.stack_weights import StackWeights

MIDDLE: Final = 0.5
"""tanh(a / 2) = 2 (sigmoid(a) - 1/2); the 2 is multiplied into the weights behind the gate."""


def gated_stack(
    x: Tensor, past: Sequence[Tensor], dilations: Sequence[int], weights: StackWeights
) -> tuple[Tensor, list[Tensor]]:
    """What the layers skip to the head [T * B x skip], and of each its last inputs [dilation x B x C].

    x: float32 [T x B x C], T a multiple of the blocks of `weights.bias`; `past`: as returned for the frames before,
    through which no gradient goes.
    """
    after: list[Tensor] = []
    layers: Any = compiled_stack.CompiledLayers if compiled_stack.fits(x, weights) else _GatedLayers
    skipped: Tensor = layers.apply(x, list(past), after, tuple(dilations), *weights)
    return skipped, after


class _GatedLayers(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, past: list[Tensor], after: list[Tensor], dilations: tuple[int, ...], *tensors: Tensor
    ) -> Tensor:
        w = StackWeights(*tensors)
        width, layers = x.shape[2], len(dilations)
        x = x.clone()
        heard, gates, z = [], [], []
        for layer in range(layers):
            heard.append(_heard(past[layer], x, w.taps.dtype))
            after.append(torch.cat([past[layer], x[-len(past[layer]) :]])[-len(past[layer]) :])
            opened = _opened(heard[layer], w.bias[layer], w.taps[layer])
            centred = opened[:, :width] - MIDDLE
            gates.append((opened, centred))
            z.append(centred * opened[:, width:])
            if layer + 1 < layers:
                x.view(-1, width).add_(torch.addmm(w.residual_bias[layer], z[layer], 2 * w.residual[layer]))
        ctx.dilations, ctx.gates, ctx.heard, ctx.z = dilations, gates, heard, z
        ctx.save_for_backward(*tensors)
        return torch.cat(z, 1) @ (2 * w.skip.flatten(0, 1))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        w = StackWeights(*ctx.saved_tensors)
        width, streams = w.residual.shape[1], w.bias.shape[2]
        found = StackWeights(*(torch.zeros_like(tensor) for tensor in w))
        of_x = gradient.new_zeros(len(gradient), width, dtype=torch.float32)
        for layer in reversed(range(len(ctx.dilations))):
            torch.mm(ctx.z[layer].T, gradient, out=found.skip[layer])
            of_z = gradient @ (2 * w.skip[layer].T)
            if layer + 1 < len(ctx.dilations):
                _through_residual(layer, of_x, of_z, ctx.z[layer], w, found)
            of_gates = _through_gate(of_z, *ctx.gates[layer])
            _through_taps(layer, of_gates, ctx.heard[layer], ctx.dilations[layer] * streams, of_x, w, found)
        found.skip.mul_(2)
        found.residual.mul_(2)
        return of_x.view(-1, streams, width), None, None, None, *found


def _heard(past: Tensor, x: Tensor, kind: torch.dtype) -> Tensor:
    """What a layer hears [T * B x 2C]: beside each input that of a dilation before."""
    (frames, streams, width), dilation = x.shape, len(past)
    heard = torch.empty(frames, streams, 2 * width, dtype=kind, device=x.device)
    heard[:dilation, :, :width] = past[:frames]
    heard[dilation:, :, :width] = x[: max(0, frames - dilation)]
    heard[:, :, width:] = x
    return heard.view(-1, 2 * width)


def _opened(heard: Tensor, bias: Tensor, taps: Tensor) -> Tensor:
    """Both halves of a layer's gate [T * B x 2C], after their sigmoid; bias [blocks x B x 2C]."""
    opened = torch.empty_like(heard)
    blocks, streams, both = bias.shape
    opened.view(blocks, -1, streams, both).copy_(bias[:, None])
    return opened.addmm_(heard, taps).sigmoid_()


def _through_residual(layer: int, of_x: Tensor, of_z: Tensor, z: Tensor, w: StackWeights, found: StackWeights) -> None:
    """Adds to the gradient of a layer's z, and fills in that of its residual, from that of the next one's input."""
    rounded = of_x.to(w.residual.dtype)
    of_z.addmm_(rounded, 2 * w.residual[layer].T)
    torch.mm(z.T, rounded, out=found.residual[layer])
    torch.sum(rounded, 0, out=found.residual_bias[layer])


def _through_gate(of_z: Tensor, opened: Tensor, centred: Tensor) -> Tensor:
    """The gradient of what enters the gate [N x 2C], from that of z = (a - 1/2) b [N x C]; a, b in `opened`."""
    width = of_z.shape[1]
    found = torch.empty_like(opened)
    for half, other in ((slice(width), opened[:, width:]), (slice(width, None), centred)):
        of_half = of_z * other
        torch.ops.aten.sigmoid_backward.grad_input(of_half, opened[:, half], grad_input=found[:, half])
    return found


def _through_taps(
    layer: int, of_gates: Tensor, heard: Tensor, away: int, of_x: Tensor, w: StackWeights, found: StackWeights
) -> None:
    """Adds the gradient of a layer's input to `of_x` [N x C], and fills in those of its taps and bias.

    away: how many rows before its own the past tap's input lies.
    """
    blocks, streams, both = w.bias.shape[1:]
    torch.mm(heard.T, of_gates, out=found.taps[layer])
    torch.sum(of_gates.view(blocks, -1, streams, both), 1, out=found.bias[layer])
    of_heard = of_gates @ w.taps[layer].T
    of_x += of_heard[:, both // 2 :]
    if away < len(of_x):
        of_x[:-away] += of_heard[away:, : both // 2]
