"""What a texture network has to beat: bits per value of simple models of the same classes, fitted on the same training.

entropy     how often each of the 256 classes occurs
context     two classes before, coarsened to 32 each, and backing off to one, as text compressors do
prediction  32 values before, weighed by least squares, with Laplace errors as wide as the last ones were
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from models.textures.audio.mu_law import CLASSES, MU, expand

Classes = NDArray[np.uint8]
ORDER: Final = 32
COARSE: Final = 32


def baselines(train: Sequence[Classes], held_out: Sequence[Classes]) -> dict[str, float]:
    """Held-out bits per value of each baseline, fitted on `train`; every item is one piece of the same style."""
    models: dict[str, Callable[[Sequence[Classes], Sequence[Classes]], float]] = {
        "entropy": entropy_bits,
        "context": context_bits,
        "prediction": prediction_bits,
    }
    return {name: round(model(train, held_out), 3) for name, model in models.items()}


def entropy_bits(train: Sequence[Classes], held_out: Sequence[Classes]) -> float:
    counts = np.bincount(np.concatenate(train), minlength=CLASSES) + 0.5
    return float(-np.log2(counts / counts.sum())[np.concatenate(held_out)].mean())


def context_bits(train: Sequence[Classes], held_out: Sequence[Classes], trust: float = 8.0) -> float:
    """Interpolated: the counts after two coarse classes, `trust` of the counts after one, `trust` of all counts."""
    step = CLASSES // COARSE
    after_two = np.zeros((COARSE * COARSE, CLASSES), np.float32)
    after_one = np.zeros((CLASSES, CLASSES), np.float32)
    for piece in train:
        two = (piece[:-2] // step).astype(np.int64) * COARSE + piece[1:-1] // step
        np.add.at(after_two, (two, piece[2:]), 1.0)
        np.add.at(after_one, (piece[1:-1], piece[2:]), 1.0)
    everything = after_one.sum(axis=0) + 0.5
    shares_one = after_one + trust * everything / everything.sum()
    shares_one /= shares_one.sum(axis=1, keepdims=True)
    bits = []
    for piece in held_out:
        two = (piece[:-2] // step).astype(np.int64) * COARSE + piece[1:-1] // step
        total = after_two[two].sum(axis=1)
        chance = (after_two[two, piece[2:]] + trust * shares_one[piece[1:-1], piece[2:]]) / (total + trust)
        bits.append(-np.log2(chance))
    return float(np.concatenate(bits).mean())


def prediction_bits(train: Sequence[Classes], held_out: Sequence[Classes]) -> float:
    """Linear prediction in the expanded domain; the chance of a class is that of its interval under the error's law."""
    weights = prediction_weights(train)
    edges = np.concatenate([[-np.inf], interval_edges(), [np.inf]])
    bits = []
    for piece in held_out:
        sound = expand(piece).astype(np.float64)
        expected = scipy.signal.lfilter(np.concatenate([[0.0], weights]), [1.0], sound)
        error = np.abs(sound - expected)
        recent = scipy.signal.lfilter([0.02], [1.0, -0.98], np.concatenate([[0.0], error[:-1]]))
        chance = laplace(edges[piece.astype(int) + 1] - expected, recent + 3e-4)
        chance -= laplace(edges[piece] - expected, recent + 3e-4)
        bits.append(-np.log2(np.maximum(0.999 * chance + 0.001 / CLASSES, 1e-12))[ORDER:])
    return float(np.concatenate(bits).mean())


def prediction_weights(train: Sequence[Classes]) -> NDArray[np.float64]:
    """Weights [ORDER] of the values before, nearest first, by least squares over all pieces."""
    lags = np.zeros(ORDER + 1)
    for piece in train:
        sound = expand(piece).astype(np.float64)
        lags += [sound[lag:] @ sound[: len(sound) - lag] for lag in range(ORDER + 1)]
    from scipy.linalg import solve_toeplitz

    lags[0] *= 1.0 + 1e-9
    return np.asarray(solve_toeplitz(lags[:-1], lags[1:]))


def interval_edges() -> NDArray[np.float64]:
    """The 255 values at which one class gives way to the next."""
    bent = 2.0 * (np.arange(MU) + 0.5) / MU - 1.0
    return np.asarray(np.sign(bent) * np.expm1(np.abs(bent) * np.log1p(MU)) / MU)


def laplace(distance: NDArray[np.float64], width: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distribution function of the Laplace law."""
    half = 0.5 * np.exp(-np.abs(distance) / width)
    return np.where(distance < 0, half, 1.0 - half)
