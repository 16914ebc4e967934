"""The layers' backward by hand is autograd's, through the same layers written out one operation after the other."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.textures.wavenet.gated_stack import LayerWeights, gated_stack

FRAMES, STREAMS, WIDTH, SKIP, BLOCKS = 24, 3, 4, 6, 4
DILATIONS = (1, 2, 4, 32)
"""The last is longer than a step: all that it hears of before lies in the past."""
LAYERS = len(DILATIONS)
TOLERANCE = {torch.float32: 2e-6, torch.bfloat16: 0.02}
"""Of the largest gradient: some roundings of either type."""


def given(kind: torch.dtype) -> tuple[Tensor, list[Tensor], LayerWeights]:
    torch.manual_seed(7)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape).mul(0.5).to(kind).requires_grad_()

    weights = LayerWeights(
        normal(LAYERS, BLOCKS, STREAMS, 2 * WIDTH),
        normal(LAYERS, 2 * WIDTH, 2 * WIDTH),
        normal(LAYERS, WIDTH, WIDTH),
        normal(LAYERS, WIDTH),
        normal(LAYERS, WIDTH, SKIP),
    )
    past = [torch.randn(dilation, STREAMS, WIDTH) for dilation in DILATIONS]
    return torch.randn(FRAMES, STREAMS, WIDTH).requires_grad_(), past, weights


def written_out(x: Tensor, past: list[Tensor], weights: LayerWeights) -> tuple[Tensor, list[Tensor]]:
    """In double precision."""
    bias, taps, residual, residual_bias, skip = (tensor.double() for tensor in weights)
    x = x.double()
    skipped, after = torch.zeros(FRAMES, STREAMS, SKIP).double(), []
    for layer, dilation in enumerate(DILATIONS):
        heard = torch.cat([past[layer].double(), x])
        after.append(heard[FRAMES:])
        gates = heard[:FRAMES] @ taps[layer, :WIDTH] + heard[dilation:] @ taps[layer, WIDTH:]
        gates = gates + bias[layer].repeat_interleave(FRAMES // BLOCKS, 0)
        z = torch.tanh(gates[..., :WIDTH] / 2) * torch.sigmoid(gates[..., WIDTH:])
        skipped = skipped + z @ skip[layer]
        x = x + z @ residual[layer] + residual_bias[layer]
    return skipped.flatten(0, 1), after


@pytest.mark.parametrize("kind", TOLERANCE, ids=str)
def test_values_and_gradients_are_autograd_s(kind: torch.dtype) -> None:
    x, past, weights = given(kind)
    expected, after = written_out(x, past, weights)
    found, remembered = gated_stack(x, past, DILATIONS, weights)
    assert found.dtype == kind
    assert (found - expected).abs().max() < 4 * TOLERANCE[kind] * expected.abs().max()
    for own, other, dilation in zip(remembered, after, DILATIONS, strict=True):
        assert own.shape == (dilation, STREAMS, WIDTH)
        assert (own - other).abs().max() < 4 * TOLERANCE[kind] * other.abs().max()
    towards = torch.randn(expected.shape)
    inputs = (x, *weights)
    wanted = torch.autograd.grad(expected, inputs, towards.double())
    for name, own, other in zip(
        ("x", *LayerWeights._fields), torch.autograd.grad(found, inputs, towards.to(kind)), wanted, strict=True
    ):
        assert own.shape == other.shape
        assert other.abs().max() > 0.1
        assert (own - other).abs().max() < TOLERANCE[kind] * other.abs().max(), name


def test_nothing_that_was_given_changes() -> None:
    x, past, weights = given(torch.float32)
    before = [tensor.detach().clone() for tensor in (x, *past, *weights)]
    gated_stack(x, past, DILATIONS, weights)[0].square().sum().backward()
    assert all(torch.equal(own, tensor) for own, tensor in zip(before, (x, *past, *weights), strict=True))


def test_a_step_in_two_halves_is_the_step() -> None:
    x, past, weights = given(torch.float32)
    with torch.no_grad():
        whole, after = gated_stack(x, past, DILATIONS, weights)
        halves, half = [], FRAMES // 2
        for part in range(2):
            bias = weights.bias[:, part * BLOCKS // 2 : (part + 1) * BLOCKS // 2]
            skipped, past = gated_stack(
                x[part * half : (part + 1) * half], past, DILATIONS, weights._replace(bias=bias)
            )
            halves.append(skipped)
    assert torch.allclose(torch.cat(halves), whole, atol=1e-5)
    assert all(torch.allclose(own, other, atol=1e-5) for own, other in zip(past, after, strict=True))
