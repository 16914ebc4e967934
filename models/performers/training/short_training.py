"""Trains small networks that play no events, within half an hour and without a checkpoint.

Plan, course of the learning rate and moving average are those of `models.performers.training.training`.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

from models.performers.training.training import Progress, Report, TrainingPlan, follow, rate_share

Network = TypeVar("Network", bound=nn.Module)


def trained(
    network: Network,
    losses: Callable[[], tuple[Tensor, Tensor]],
    plan: TrainingPlan,
    report: Report,
    clock: Callable[[], float] = time.monotonic,
) -> Network:
    """The moving average of a network that has worked for the plan's minutes.

    Args:
        losses: of another batch each time: what is to become less, and the nats of it that people are told.
        report: called after every step.
        clock: seconds, for the plan's minutes.
    """
    network.train()
    average, progress = copy.deepcopy(network), Progress()
    optimiser = torch.optim.AdamW(network.parameters(), plan.learning_rate, weight_decay=0.01)
    started_s = clock()
    while (worked_s := clock() - started_s) < plan.minutes * 60:
        rate = plan.learning_rate * rate_share(plan, worked_s / (plan.minutes * 60), progress.step)
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss, nats = losses()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), plan.largest_gradient)
        optimiser.step()
        progress.worked_s = worked_s
        progress.took(float(nats.detach()), rate)
        follow(average, network, plan, progress.step)
        report(progress)
    return average
