"""A critic: how likely a person played a phrase, from its statistics; small enough to be asked of every drawing.

A drawing takes a hundredth of the time that it lasts, so the sampler may draw several and keep the best (Cobbe et al.
2021, "Training Verifiers to Solve Math Word Problems", arXiv 2110.14168, do so with text). The critic is linear:
logistic regression on statistics that are cut off far from the middle, so that no single one of them rules.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engine.errors import WeightsError
from engine.music.notes import Phrase
from models.performers.criticism.excerpt_features import FEATURE_NAMES, LEAST_NOTES, statistics_of

FILE_NAME: Final = "critic.safetensors"
FURTHEST: Final = 3.0
"""Standard deviations at which a statistic is cut off."""

PENALTY: Final = 0.1
"""Of the squared weights, per excerpt learnt."""

STEPS: Final = 50

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Critic:
    """Weights [features] on statistics less `middle` [features] in units of `spread` [features], and a bias."""

    middle: Table
    spread: Table
    weights: Table
    bias: float

    @classmethod
    def of(cls, people: Sequence[Phrase], drawn: Sequence[Phrase]) -> Critic:
        """A critic that tells some phrases from others; to be calibrated they should be about as many.

        Raises:
            ValueError: fewer than two of either that have notes enough.
        """
        tables = [_table(people), _table(drawn)]
        if min(map(len, tables)) < 2:
            raise ValueError(f"a critic needs two phrases of each kind with at least {LEAST_NOTES} notes")
        table, played = np.concatenate(tables), np.repeat([1.0, 0.0], [len(t) for t in tables])
        middle, spread = table.mean(0), table.std(0) + 1e-6
        weights, bias = _fitted(np.clip((table - middle) / spread, -FURTHEST, FURTHEST), played)
        return cls(middle, spread, weights, bias)

    def score(self, phrase: Phrase) -> float:
        """Log-odds that a person played this; -inf for what has too few notes to say."""
        if len(phrase.notes) < LEAST_NOTES:
            return -np.inf
        standard = np.clip((statistics_of(phrase) - self.middle) / self.spread, -FURTHEST, FURTHEST)
        return float(standard @ self.weights + self.bias)

    def save(self, path: Path) -> None:
        """Writes it, under a temporary name first."""
        temporary = path.with_suffix(".partial")
        arrays = {"middle": self.middle, "spread": self.spread, "weights": self.weights, "bias": np.array([self.bias])}
        save_file({name: array.astype(np.float32) for name, array in arrays.items()}, temporary)
        os.replace(temporary, path)

    @classmethod
    def beside(cls, weights: Path) -> Critic | None:
        """The one that belongs to a file of weights, None where none was ever trained.

        Raises:
            WeightsError: damaged, or of other statistics than these.
        """
        path = weights.parent / FILE_NAME
        if not path.exists():
            return None
        try:
            with safe_open(path, "numpy") as file:
                found = [file.get_tensor(n).astype(np.float64) for n in ("middle", "spread", "weights", "bias")]
        except (SafetensorError, OSError, ValueError) as error:
            raise WeightsError(f"{path}: damaged ({error}); write it anew with `models card`") from error
        if len(found[0]) != len(FEATURE_NAMES):
            raise WeightsError(f"{path}: knows {len(found[0])} statistics, expected {len(FEATURE_NAMES)}; remove it")
        middle, spread, learnt, bias = found
        return cls(middle, spread, learnt, float(bias[0]))


def _table(phrases: Sequence[Phrase]) -> Table:
    return np.array([statistics_of(phrase) for phrase in phrases if len(phrase.notes) >= LEAST_NOTES])


def _fitted(x: Table, played: Table) -> tuple[Table, float]:
    """Logistic regression with a penalty on its weights, by Newton's method; x [N x features], `played` [N] 0 or 1."""
    design = np.column_stack([x, np.ones(len(x))])
    penalty = np.full(design.shape[1], PENALTY * len(x))
    penalty[-1] = 1e-6
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        likely = 1.0 / (1.0 + np.exp(-np.clip(design @ weights, -30.0, 30.0)))
        gradient = design.T @ (likely - played) + penalty * weights
        curvature = (design.T * (likely * (1.0 - likely))) @ design + np.diag(penalty)
        move = np.linalg.solve(curvature, gradient)
        weights -= move
        if np.abs(move).max() < 1e-8:
            break
    return weights[:-1], float(weights[-1])
