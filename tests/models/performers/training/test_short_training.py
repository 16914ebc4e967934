"""A small network that works by the clock: what it learns, and that its average is what comes out."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

from models.performers.training.short_training import trained
from models.performers.training.training import Progress, TrainingPlan

STEPS = 120
PLAN = TrainingPlan(minutes=STEPS / 60, learning_rate=0.1, last_learning_rate=0.001, warmup_steps=10, average_decay=0.9)


def learnt(minutes: float) -> tuple[float, nn.Linear, nn.Linear, list[Progress]]:
    """(loss of what came out, what came out, what has learnt, what was reported), where a step takes a second."""
    torch.manual_seed(1)
    network, wanted = nn.Linear(4, 1), torch.tensor([[1.0, -2.0, 0.5, 3.0]])
    told: list[Progress] = []

    def losses() -> tuple[Tensor, Tensor]:
        given = torch.randn(32, 4)
        miss = (network(given) - given @ wanted.T).square().mean()
        return 2.0 * miss, miss

    plan = TrainingPlan(**{**vars(PLAN), "minutes": minutes})
    found = trained(network, losses, plan, lambda now: told.append(Progress(**vars(now))), itertools.count().__next__)
    given = torch.randn(500, 4)
    return float((found(given) - given @ wanted.T).square().mean().detach()), found, network, told


def test_it_learns_by_the_clock_and_gives_the_average() -> None:
    before, untouched, same, nothing = learnt(0.0)
    assert nothing == []
    assert torch.equal(untouched.weight, same.weight)
    after, average, network, told = learnt(PLAN.minutes)
    assert after < 0.02 * before
    assert not torch.equal(average.weight, network.weight)
    assert [one.step for one in told] == list(range(1, len(told) + 1))
    assert len(told) == STEPS - 1, "the clock is looked at once to begin with"
    assert told[-1].training_nats < 0.5 * told[0].training_nats


def test_its_rate_rises_at_first_and_falls_to_the_end() -> None:
    rates = [one.learning_rate for one in learnt(PLAN.minutes)[3]]
    highest = rates.index(max(rates))
    assert 5 <= highest <= 15
    assert rates[0] < 0.2 * rates[highest]
    assert rates[-1] < 0.02 * rates[highest]
