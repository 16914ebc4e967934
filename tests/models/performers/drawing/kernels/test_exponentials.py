"""Exponentials and logarithms of our own are those of mathematics to the last digits of float32."""

import numpy as np

from models.performers.drawing.kernels.exponentials import exponential, logarithms, sigmoid


def test_exponentials() -> None:
    x = -np.linspace(0.0, 79.0, 1001).astype(np.float32)
    found = np.array([exponential(one) for one in x])
    assert np.abs(found / np.exp(x.astype(np.float64)) - 1.0).max() < 1e-5
    assert exponential(np.float32(0)) == 1
    assert 0 < exponential(np.float32(-1e30)) < 1e-30


def test_sigmoids() -> None:
    x = np.linspace(-30.0, 30.0, 501).astype(np.float32)
    found = np.array([sigmoid(one) for one in x])
    assert np.abs(found * (1.0 + np.exp(-x.astype(np.float64))) - 1.0).max() < 1e-5


def test_logarithms() -> None:
    x = np.geomspace(1e-12, 10.0, 1001).astype(np.float32)
    found = x.copy()
    logarithms(found)
    expected = np.log(x.astype(np.float64))
    assert np.abs(found - expected).max() < 2e-6
    assert np.abs(found - expected)[np.abs(expected) < 1.0].max() < 2e-7
