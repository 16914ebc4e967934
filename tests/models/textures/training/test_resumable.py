"""What all trainings share: they go on from their folder, follow a running mean, and run for as long as is asked."""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine.errors import WeightsError
from models.textures.training import timed_run
from models.textures.training.checkpoints import log_row, read_checkpoint, take_over, write_checkpoint
from models.textures.training.resumable import ResumableTraining, set_rate
from models.textures.training.timed_run import run

SIZES = {"width": 2}
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Plan:
    mean_decay: float = 0.9
    measure_every: int = 3


class Line(ResumableTraining):
    """Learns that everything is 1; a second passes at every step."""

    def __init__(self, folder: Path) -> None:
        torch.manual_seed(1)
        self.network, self.mean = nn.Linear(2, 1), nn.Linear(2, 1).requires_grad_(False)
        self.mean.load_state_dict(self.network.state_dict())
        self.optimiser = torch.optim.SGD(self.network.parameters(), lr=0.1)
        parts = {"network": self.network, "mean": self.mean, "optimiser": self.optimiser}
        super().__init__(folder / "line.pt", Plan(), (self.network, self.mean), parts, SIZES)

    def learn(self) -> float:
        loss = (self.network(torch.ones(4, 2)) - 1.0).square().mean()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.follow()
        return float(loss.detach())

    def record(self, mean_loss: float) -> None:
        self.log({"step": self.step, "loss": round(mean_loss, 4)})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = itertools.count()
    monkeypatch.setattr(timed_run, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))


def test_it_goes_on_where_it_stopped(tmp_path: Path, clock: None) -> None:
    first = Line(tmp_path)
    run(first, 7.0, lambda: False, lambda *_: None)
    second = Line(tmp_path)
    assert (second.step, second.elapsed_s) == (first.step, first.elapsed_s) == (7, 7.0)
    assert torch.equal(second.network.weight, first.network.weight)
    assert torch.equal(second.mean.weight, first.mean.weight)
    assert not torch.equal(second.mean.weight, second.network.weight)
    run(second, 12.0, lambda: False, lambda *_: None)
    with (tmp_path / "line.csv").open(newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["3", "6", "9", "12"]
    assert second.row["loss"] < 0.1


def test_it_stops_when_told_and_saves(tmp_path: Path, clock: None) -> None:
    steps: list[int] = []
    run(Line(tmp_path), 100.0, lambda: len(steps) == 4, lambda step, _: steps.append(step))
    assert steps == [1, 2, 3, 4]
    assert Line(tmp_path).step == 4


def test_the_mean_follows_quickly_at_first_and_slowly_later(tmp_path: Path) -> None:
    def moved(step: int) -> float:
        training = Line(tmp_path / str(step))
        training.step = step
        with torch.no_grad():
            training.network.weight += 1.0
        training.follow()
        return float((1.0 - (training.network.weight - training.mean.weight)).detach().mean())

    assert moved(0) == pytest.approx(0.9, abs=1e-4)
    assert moved(1000) == pytest.approx(0.1, abs=1e-4)


def test_checkpoints_that_do_not_fit_are_named(tmp_path: Path) -> None:
    path = tmp_path / "line.pt"
    assert read_checkpoint(path, CPU, SIZES) == {}
    write_checkpoint(path, {"sizes": {"width": 3}})
    assert [file.name for file in tmp_path.iterdir()] == ["line.pt"]
    with pytest.raises(WeightsError, match=r"line\.pt: a network of other sizes"):
        Line(tmp_path)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(WeightsError, match=r"line\.pt: damaged"):
        Line(tmp_path)


def test_parameters_are_taken_over_where_they_fit() -> None:
    network = nn.Linear(2, 1)
    bias = network.bias.detach().clone()
    given: dict[str, Any] = {"weight": np.full((1, 2), 7.0), "bias": np.full(3, 7.0), "other": np.ones(1)}
    assert take_over(network, given)
    assert network.weight.tolist() == [[7.0, 7.0]]
    assert torch.equal(network.bias, bias)
    assert not take_over(network, {})


def test_a_table_has_one_heading(tmp_path: Path) -> None:
    for step in (1, 2):
        log_row(tmp_path / "a.csv", {"step": step, "loss": 0.5})
    assert (tmp_path / "a.csv").read_text().split() == ["step,loss", "1,0.5", "2,0.5"]


def test_a_rate_is_set_for_all_groups() -> None:
    optimiser = torch.optim.SGD([{"params": [nn.Parameter(torch.ones(1))], "lr": 1.0} for _ in range(2)])
    set_rate(optimiser, 0.25)
    assert [group["lr"] for group in optimiser.param_groups] == [0.25, 0.25]
