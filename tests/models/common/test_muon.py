"""Muon: the steps in float32 are torch's, they are orthogonal, and a network learns by either."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from models.common.devices import bf16_is_fast
from models.common.muon import FloatMuon, muon, orthogonal

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


@pytest.mark.parametrize("shape", [(24, 24), (48, 16), (16, 48)])
def test_steps_are_nearly_orthogonal(shape: tuple[int, int]) -> None:
    torch.manual_seed(1)
    given = torch.randn(shape)
    strengths = torch.linalg.svdvals(orthogonal(given, COEFFICIENTS, 5))
    assert strengths.min() > 0.3
    assert strengths.max() < 1.3
    assert torch.linalg.svdvals(given).max() > 3.0


@pytest.mark.parametrize("shape", [(24, 24), (48, 16), (16, 48)])
def test_steps_in_float32_are_those_of_torch_but_for_rounding(shape: tuple[int, int]) -> None:
    torch.manual_seed(2)
    ours = nn.Parameter(torch.randn(shape))
    theirs = copy.deepcopy(ours)
    begun = ours.detach().clone()
    optimisers = FloatMuon([ours], lr=0.02, weight_decay=0.1), torch.optim.Muon([theirs], lr=0.02, weight_decay=0.1)
    for _ in range(3):
        ours.grad = torch.randn(shape)
        theirs.grad = ours.grad.clone()
        for optimiser in optimisers:
            optimiser.step()
    moved = (ours - begun).norm()
    assert (ours - theirs).norm() < 0.05 * moved
    assert moved > 0.1


def test_a_checkpoint_of_one_goes_on_in_the_other() -> None:
    matrix = nn.Parameter(torch.eye(16))
    first = torch.optim.Muon([matrix], lr=0.02)
    matrix.grad = torch.ones(16, 16)
    first.step()
    second = FloatMuon([matrix], lr=0.5)
    second.load_state_dict(first.state_dict())
    assert torch.equal(second.state[matrix]["momentum_buffer"], first.state[matrix]["momentum_buffer"])
    assert second.param_groups[0]["lr"] == 0.02


@pytest.mark.parametrize("kind", [torch.optim.Muon, FloatMuon])
def test_a_matrix_comes_to_where_it_should_be(kind: type[torch.optim.Muon]) -> None:
    torch.manual_seed(2)
    matrix, wanted = nn.Parameter(torch.zeros(16, 16)), torch.randn(16, 16) * 0.1
    optimiser = kind([matrix], lr=0.02, weight_decay=0.0)
    for step in range(120):
        optimiser.param_groups[0]["lr"] = 0.02 * (1 - step / 120)
        optimiser.zero_grad()
        (matrix - wanted).square().sum().backward()
        optimiser.step()
    assert float((matrix - wanted).square().sum().detach()) < 0.01 * float(wanted.square().sum())


def test_torch_makes_the_steps_where_bf16_is_fast() -> None:
    made = muon([nn.Parameter(torch.eye(16))], 0.02, 0.1)
    assert isinstance(made, FloatMuon) != bf16_is_fast(torch.device("cpu"))
    assert made.param_groups[0]["weight_decay"] == 0.1
