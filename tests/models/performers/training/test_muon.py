"""Muon: its steps are orthogonal, and it finds the bottom of a bowl."""

import pytest
import torch
from torch import nn

from models.performers.training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(24, 24), (48, 16), (16, 48)])
def test_steps_are_nearly_orthogonal(shape: tuple[int, int]) -> None:
    torch.manual_seed(1)
    strengths = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
    assert strengths.min() > 0.3
    assert strengths.max() < 1.3


def test_matrices_and_others_both_reach_the_target() -> None:
    torch.manual_seed(2)
    matrix, gain = nn.Parameter(torch.zeros(16, 16)), nn.Parameter(torch.zeros(16))
    wanted, wanted_gain = torch.randn(16, 16) * 0.1, torch.randn(16) * 0.1
    optimiser = Muon([matrix], [gain], matrix_rate=0.02, rate=0.01)
    first = float(wanted.square().sum() + wanted_gain.square().sum())
    for step in range(120):
        for group in optimiser.param_groups:
            group["lr"] = group["first_lr"] * (1 - step / 120)
        optimiser.zero_grad()
        loss = (matrix - wanted).square().sum() + (gain - wanted_gain).square().sum()
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 0.01 * first


def test_it_goes_on_from_what_it_remembered() -> None:
    matrix = nn.Parameter(torch.eye(16))
    first = Muon([matrix], [], 0.02, 0.01)
    matrix.grad = torch.ones(16, 16)
    first.step()
    second = Muon([matrix], [], 0.5, 0.5)
    second.load_state_dict(first.state_dict())
    assert torch.equal(second.state[matrix]["momentum"], first.state[matrix]["momentum"])
    assert second.param_groups[0]["first_lr"] == 0.02
