"""The layers' backward by hand is autograd's, through the same layers written out one operation after the other."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from models.textures.waveform.bf16_products import has_pair_sums
from models.textures.wavenet import compiled_stack
from models.textures.wavenet.gated_stack import gated_stack
from models.textures.wavenet.stack_weights import StackWeights

STREAMS, BLOCKS = 3, 4
DILATIONS = (1, 2, 4, 32)
"""The last is longer than a step: all that it hears of before lies in the past."""
LAYERS = len(DILATIONS)


class Case(NamedTuple):
    """Sizes, and how far gradients may be apart, of the largest: some roundings of their type."""

    kind: torch.dtype
    frames: int
    width: int
    skip: int
    tolerance: float


CASES = {
    "float32": Case(torch.float32, 24, 4, 6, 2e-6),
    "bfloat16": Case(torch.bfloat16, 24, 4, 6, 0.02),
    "compiled": Case(torch.bfloat16, 8 * 12, 48, 64, 0.02),
    "compiled, other sizes": Case(torch.bfloat16, 8 * 12, 16, 80, 0.02),
}


def given(case: Case) -> tuple[Tensor, list[Tensor], StackWeights]:
    torch.manual_seed(7)
    width, skip = case.width, case.skip

    def normal(*shape: int, inputs: int = 4) -> Tensor:
        return torch.randn(*shape).mul(inputs**-0.5).to(case.kind).requires_grad_()

    weights = StackWeights(
        normal(LAYERS, BLOCKS, STREAMS, 2 * width),
        normal(LAYERS, 2 * width, 2 * width, inputs=width),
        normal(LAYERS, width, width, inputs=width),
        normal(LAYERS, width),
        normal(LAYERS, width, skip, inputs=width),
    )
    past = [torch.randn(dilation, STREAMS, width) for dilation in DILATIONS]
    return torch.randn(case.frames, STREAMS, width).requires_grad_(), past, weights


def written_out(x: Tensor, past: list[Tensor], weights: StackWeights) -> tuple[Tensor, list[Tensor]]:
    """In double precision."""
    bias, taps, residual, residual_bias, skip = (tensor.double() for tensor in weights)
    x = x.double()
    (frames, _, width), after = x.shape, []
    skipped = torch.zeros(frames, STREAMS, skip.shape[2]).double()
    for layer, dilation in enumerate(DILATIONS):
        heard = torch.cat([past[layer].double(), x])
        after.append(heard[frames:])
        gates = heard[:frames] @ taps[layer, :width] + heard[dilation:] @ taps[layer, width:]
        gates = gates + bias[layer].repeat_interleave(frames // BLOCKS, 0)
        z = torch.tanh(gates[..., :width] / 2) * torch.sigmoid(gates[..., width:])
        skipped = skipped + z @ skip[layer]
        x = x + z @ residual[layer] + residual_bias[layer]
    return skipped.flatten(0, 1), after


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("threads", [1, 2])
def test_values_and_gradients_are_autograd_s(case: Case, threads: int) -> None:
    x, past, weights = given(case)
    expected, after = written_out(x, past, weights)
    compiled = case.width >= 16 and has_pair_sums()
    assert compiled_stack.fits(x, weights) is compiled
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        found, remembered = gated_stack(x, past, DILATIONS, weights)
        towards = torch.randn(expected.shape)
        inputs = (x, *weights)
        gradients = torch.autograd.grad(found, inputs, towards.to(case.kind))
    finally:
        torch.set_num_threads(before)
    assert found.dtype == case.kind
    assert (found - expected).abs().max() < 4 * case.tolerance * expected.abs().max()
    for own, other, dilation in zip(remembered, after, DILATIONS, strict=True):
        assert own.shape == (dilation, STREAMS, case.width)
        assert (own - other).abs().max() < 4 * case.tolerance * other.abs().max()
    wanted = torch.autograd.grad(expected, inputs, towards.double())
    for name, own, other in zip(("x", *StackWeights._fields), gradients, wanted, strict=True):
        assert own.shape == other.shape
        assert other.abs().max() > 0.1
        assert (own - other).abs().max() < case.tolerance * other.abs().max(), name


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_nothing_that_was_given_changes(case: Case) -> None:
    x, past, weights = given(case)
    before = [tensor.detach().clone() for tensor in (x, *past, *weights)]
    gated_stack(x, past, DILATIONS, weights)[0].square().sum().backward()
    assert all(torch.equal(own, tensor) for own, tensor in zip(before, (x, *past, *weights), strict=True))


@pytest.mark.parametrize("name", ["float32", "compiled"])
def test_a_step_in_two_halves_is_the_step(name: str) -> None:
    case = CASES[name]
    x, past, weights = given(case)
    with torch.no_grad():
        whole, after = gated_stack(x, past, DILATIONS, weights)
        halves, half = [], case.frames // 2
        for part in range(2):
            bias = weights.bias[:, part * BLOCKS // 2 : (part + 1) * BLOCKS // 2]
            skipped, past = gated_stack(
                x[part * half : (part + 1) * half], past, DILATIONS, weights._replace(bias=bias)
            )
            halves.append(skipped)
    assert torch.allclose(torch.cat(halves), whole, atol=1e-5)
    assert all(torch.allclose(own, other, atol=1e-5) for own, other in zip(past, after, strict=True))


def test_steps_on_their_way_together_do_not_share_their_room() -> None:
    case = CASES["compiled"]
    x, past, weights = given(case)
    alone, _ = gated_stack(x, past, DILATIONS, weights)
    (expected,) = torch.autograd.grad(alone.sum(), [x])
    first, _ = gated_stack(x, past, DILATIONS, weights)
    second, _ = gated_stack(2 * x.detach(), past, DILATIONS, weights)
    assert not torch.equal(first, second)
    (found,) = torch.autograd.grad(first.sum(), [x])
    assert torch.equal(found, expected)
