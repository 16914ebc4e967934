"""Layers in NumPy beside those in torch, and what makes them come out alike everywhere."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest
import torch

from models.common.exact_arithmetic import Gru, Linear, drawn, exponential, in_order, product, sigmoid, tanh


def test_the_exponential_is_right_to_the_last_digits() -> None:
    x = np.linspace(-30.0, 30.0, 4001)
    assert np.abs(exponential(x) / np.array([math.exp(value) for value in x]) - 1.0).max() < 1e-14
    assert np.abs(tanh(x) - np.tanh(x)).max() < 1e-14
    assert sigmoid(np.array([-900.0, 0.0, 900.0])).tolist() == pytest.approx([0.0, 0.5, 1.0])


def test_sums_are_added_up_in_the_order_of_rows() -> None:
    rows = np.array([[1e16], [1.0], [-1e16], [1.0]])
    assert in_order(rows).tolist() == [1.0], "another order would give 2"
    rng = np.random.default_rng(1)
    x, matrix = rng.normal(size=(3, 40)), rng.normal(size=(40, 5))
    assert product(x, matrix) == pytest.approx(x @ matrix)
    assert [product(row, matrix).tolist() for row in x] == product(x, matrix).tolist(), "alone and side by side alike"


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(300, 1), (300, 2), (300, 17), (64, 192), (256, 768), (20, 9000)])
def test_however_many_columns_there_are_and_however_they_lie_rows_keep_their_order(
    shape: tuple[int, int], order: Literal["C", "F"]
) -> None:
    rng = np.random.default_rng(4)
    rows = np.asarray(rng.normal(size=shape) * 10.0 ** rng.integers(-8, 8, shape), order=order)
    total = np.zeros(shape[1])
    for row in rows:
        total = total + row
    assert np.array_equal(in_order(rows), total)
    if shape[1] < 10:
        by_pairs = np.array([np.add.reduce(np.ascontiguousarray(column)) for column in rows.T])
        assert not np.array_equal(total, by_pairs), "the control: another order would be seen"


def test_a_recurrent_layer_does_what_torchs_does() -> None:
    torch.manual_seed(1)
    theirs = torch.nn.GRU(6, 9, batch_first=True)
    arrays = {f"reader.{name}": tensor.detach().numpy() for name, tensor in theirs.state_dict().items()}
    inputs = np.random.default_rng(2).normal(size=(20, 6))
    with torch.no_grad():
        expected = theirs(torch.tensor(inputs, dtype=torch.float32)[None])[0][0].numpy()
    assert Gru.of(arrays, "reader", "_l0").read(inputs) == pytest.approx(expected, abs=1e-5)


def test_a_linear_layer_does_what_torchs_does() -> None:
    theirs = torch.nn.Linear(4, 3)
    arrays = {f"head.{name}": tensor.detach().numpy() for name, tensor in theirs.state_dict().items()}
    x = np.ones(4)
    assert Linear.of(arrays, "head")(x) == pytest.approx(theirs(torch.ones(4)).detach().numpy(), abs=1e-6)


def test_classes_are_drawn_as_often_as_they_are_likely() -> None:
    logits = np.log(np.array([0.5, 0.3, 0.2]))
    rng = np.random.default_rng(3)
    counts = np.bincount([drawn(logits, float(rng.random())) for _ in range(4000)], minlength=3)
    assert counts / 4000 == pytest.approx([0.5, 0.3, 0.2], abs=0.03)
    assert drawn(logits, 0.99, temperature=0.05) == 0
