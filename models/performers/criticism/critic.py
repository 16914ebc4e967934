"""A critic: how likely a person played a phrase, from its statistics; small enough to be asked of every drawing.

A drawing takes a hundredth of the time that it lasts, so the sampler may draw several and keep the best (Cobbe et al.
2021, "Training Verifiers to Solve Math Word Problems", arXiv 2110.14168, do so with text). The critic is linear:
logistic regression on statistics that are cut off far from the middle, so that no single one of them rules. (Nearness
to the middle of people's playing was tried beside it, and alone: what it chose was too alike, and told more easily.)
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
UNASKED_FILE_NAME: Final = "critic_unasked.safetensors"
"""Who is asked for nothing plays several times as many notes, and is told from people by other things."""
FURTHEST: Final = 3.0
"""Standard deviations at which a statistic is cut off."""

PENALTY: Final = 0.1
"""Of the squared weights, per excerpt learnt."""

STEPS: Final = 50

STEADINESS: Final = FEATURE_NAMES.index("steadiness")

QUANTILES: Final = 21
"""So many say how steady people are."""

ARRAYS: Final = ("middle", "spread", "weights", "bias", "usual_beat")
"""In the file; `usual_beat` are the quantiles of steadiness. Of an older critic it is one number."""

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Critic:
    """Weights [features] on statistics less `middle` [features] in units of `spread` [features], and a bias.

    `steadiness` [quantiles], 0..1 and rising, says how steady a beat people keep, from the freest to the steadiest, or
    somewhat more for a performer whose drawings do not become as steady as they are aimed to be.
    """

    middle: Table
    spread: Table
    weights: Table
    bias: float
    steadiness: Table

    @classmethod
    def of(cls, people: Sequence[Phrase], drawn: Sequence[Phrase], with_log_odds: bool = True) -> Critic:
        """A critic that tells some phrases from others; to be calibrated they should be about as many.

        Args:
            with_log_odds: False makes one that does not choose, and only knows how steady people are.

        Raises:
            ValueError: fewer than two of either that have notes enough.
        """
        of_people, of_drawn = table_of(people), table_of(drawn)
        if min(len(of_people), len(of_drawn)) < 2:
            raise ValueError(f"a critic needs two phrases of each kind with at least {LEAST_NOTES} notes")
        return cls.of_tables(of_people, of_drawn, with_log_odds)

    @classmethod
    def of_tables(cls, people: Table, drawn: Table, with_log_odds: bool = True) -> Critic:
        """The same from statistics [phrases x features]."""
        table, played = np.concatenate([people, drawn]), np.repeat([1.0, 0.0], [len(people), len(drawn)])
        middle, spread = table.mean(0), table.std(0) + 1e-6
        weights, bias = np.zeros(table.shape[1]), 0.0
        if with_log_odds:
            weights, bias = _fitted(np.clip((table - middle) / spread, -FURTHEST, FURTHEST), played)
        return cls(middle, spread, weights, bias, np.quantile(people[:, STEADINESS], np.linspace(0.0, 1.0, QUANTILES)))

    @property
    def chooses(self) -> bool:
        """Whether its log-odds say anything."""
        return bool(self.weights.any())

    def usual_steadiness(self, place: float) -> float:
        """How steady somebody is who stands at `place`, 0..1, among people from the freest to the steadiest."""
        return float(np.interp(place, np.linspace(0.0, 1.0, len(self.steadiness)), self.steadiness))

    def score(self, phrase: Phrase) -> float:
        """Log-odds that a person played this; -inf for what has too few notes to say."""
        return self.log_odds(statistics_of(phrase)) if len(phrase.notes) >= LEAST_NOTES else -np.inf

    def log_odds(self, statistics: Table) -> float:
        """Of the statistics [features] of a phrase."""
        standard = np.clip((statistics - self.middle) / self.spread, -FURTHEST, FURTHEST)
        return float(standard @ self.weights + self.bias)

    def save(self, path: Path) -> None:
        """Writes it, under a temporary name first."""
        temporary = path.with_suffix(".partial")
        columns = (self.middle, self.spread, self.weights, np.array([self.bias]), self.steadiness)
        save_file({name: array.astype(np.float32) for name, array in zip(ARRAYS, columns, strict=True)}, temporary)
        os.replace(temporary, path)

    @classmethod
    def beside(cls, weights: Path, file_name: str = FILE_NAME) -> Critic | None:
        """The one that belongs to a file of weights, None where none was ever trained.

        Args:
            file_name: `FILE_NAME` for phrases of a density that was asked for, `UNASKED_FILE_NAME` for others.

        Raises:
            WeightsError: damaged, or of other statistics than these.
        """
        path = weights.parent / file_name
        if not path.exists():
            return None
        try:
            with safe_open(path, "numpy") as file:
                middle, spread, learnt, bias, steady = (file.get_tensor(name).astype(np.float64) for name in ARRAYS)
        except (SafetensorError, OSError, ValueError) as error:
            raise WeightsError(f"{path}: damaged ({error}); write it anew with `models card`") from error
        if len(middle) != len(FEATURE_NAMES):
            raise WeightsError(f"{path}: knows {len(middle)} statistics, expected {len(FEATURE_NAMES)}; remove it")
        return cls(middle, spread, learnt, float(bias[0]), steady)


def table_of(phrases: Sequence[Phrase]) -> Table:
    """Statistics [phrases x features] of those that have notes enough."""
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
