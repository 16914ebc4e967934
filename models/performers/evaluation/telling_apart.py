"""How well a fresh classifier tells drawn playing from people's.

Area under the ROC curve: 0.5 is a coin, 1 is never wrong. Two fresh classifiers, a linear one and boosted trees, are
tested on pieces that they have not seen; the better one counts. The same for playing by people against other playing by
people is the control.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import PedalSpan, Phrase
from models.performers.criticism.excerpt_features import GROUPS, LEAST_NOTES

FOLDS: Final = 5
TREES: Final = 150
"""Of the classifier that asks questions."""
MOST_TELLING: Final = 8
MARGIN_S: Final = 0.01
TRIES: Final = 40
"""A piece is tried at so many places before it is given up as too empty."""


@dataclass(frozen=True)
class Excerpt:
    """Some seconds of a piece; `piece` says which, so that a classifier never sees one piece twice."""

    phrase: Phrase
    piece: str


@dataclass(frozen=True)
class Telling:
    """Area under the curve of all features and of each group, and the features that differ the most.

    `telling` rows are (feature, mean of the first, mean of the second, difference in standard deviations).
    """

    auc: float
    by_group: dict[str, float]
    telling: list[tuple[str, float, float, float]]


def stretch(piece: Phrase, start_s: float, seconds: float) -> Phrase:
    """What begins within a stretch of a piece, pedal included, from its first note on."""
    notes = [n for n in piece.notes if start_s <= n.onset_s < start_s + seconds]
    first_s = notes[0].onset_s if notes else start_s
    end_s = start_s + seconds
    pedal = [
        PedalSpan(max(p.start_s, first_s) - first_s, min(p.end_s, end_s) - first_s)
        for p in piece.pedal
        if p.start_s < end_s and p.end_s > first_s
    ]
    return Phrase(tuple(replace(n, onset_s=n.onset_s - first_s) for n in notes), tuple(pedal))


def stretches(pieces: Sequence[Phrase], names: Sequence[str], seconds: float, count: int, seed: int) -> list[Excerpt]:
    """`count` stretches from pieces that are taken in turn, each from a place of its own."""
    rng = np.random.default_rng(seed)
    lengths_s = [piece.length_s for piece in pieces]
    long_enough = [one for one in zip(pieces, names, lengths_s, strict=True) if one[2] > seconds]
    found: list[Excerpt] = []
    for attempt in range(count * TRIES if long_enough else 0):
        piece, name, length_s = long_enough[attempt % len(long_enough)]
        taken = stretch(piece, float(rng.uniform(0.0, length_s - seconds)), seconds)
        if len(taken.notes) >= LEAST_NOTES:
            found.append(Excerpt(taken, name))
        if len(found) == count:
            break
    return found


def matched(excerpts: Sequence[Excerpt], pool: Sequence[Excerpt]) -> list[Excerpt]:
    """For each excerpt the one of a pool that is as busy for as long, cut to its length; each is taken once."""
    left = [(other, np.array([note.onset_s for note in other.phrase.notes])) for other in pool]
    chosen = []
    for excerpt in excerpts[: len(pool)]:
        length_s = excerpt.phrase.notes[-1].onset_s + MARGIN_S
        counts = np.array([np.searchsorted(onsets_s, length_s) for _, onsets_s in left])
        nearest = int(np.argmin(np.abs(np.log(np.maximum(counts, 1) / len(excerpt.phrase.notes)))))
        other, _ = left.pop(nearest)
        chosen.append(replace(other, phrase=stretch(other.phrase, 0.0, length_s)))
    return chosen


def tell_apart(ones: Sequence[Excerpt], others: Sequence[Excerpt], seed: int = 0) -> Telling:
    """How well `others` are told from `ones`."""
    groups = {group: _table([*ones, *others], features) for group, features in GROUPS.items()}
    of_others = np.repeat([0, 1], [len(ones), len(others)])
    pieces = [e.piece for e in (*ones, *others)]
    names = [name for columns, _ in groups.values() for name in columns]
    table = np.concatenate([values for _, values in groups.values()], 1)
    by_group = {group: auc(values, of_others, pieces, seed) for group, (_, values) in groups.items()}
    return Telling(auc(table, of_others, pieces, seed), by_group, _most_telling(names, table, of_others))


def auc(table: NDArray[np.float64], labels: NDArray[np.int64], pieces: Sequence[str], seed: int) -> float:
    """Of the better of two classifiers; each is tested on whole pieces that it was not trained with."""
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedGroupKFold
    from threadpoolctl import threadpool_limits

    scores = np.zeros((2, len(labels)))
    with threadpool_limits(1):  # tables this small only wait for other threads
        for train, test in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(table, labels, pieces):
            for row, classifier in enumerate(_classifiers(seed)):
                classifier.fit(table[train], labels[train])
                scores[row, test] = classifier.predict_proba(table[test])[:, 1]
    return max(float(roc_auc_score(labels, row)) for row in scores)


def _classifiers(seed: int) -> list[Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return [
        make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2_000)),
        HistGradientBoostingClassifier(max_iter=TREES, learning_rate=0.1, max_leaf_nodes=15, random_state=seed),
    ]


def _table(excerpts: Sequence[Excerpt], features: Any) -> tuple[list[str], NDArray[np.float64]]:
    rows = [features(excerpt.phrase) for excerpt in excerpts]
    return list(rows[0]), np.array([list(row.values()) for row in rows])


def _most_telling(
    names: Sequence[str], table: NDArray[np.float64], labels: NDArray[np.int64]
) -> list[tuple[str, float, float, float]]:
    one, other = table[labels == 0], table[labels == 1]
    away = np.abs(other.mean(0) - one.mean(0)) / np.sqrt((one.var(0) + other.var(0)) / 2 + 1e-12)
    order = np.argsort(-away)[:MOST_TELLING]
    return [(names[i], float(one[:, i].mean()), float(other[:, i].mean()), float(away[i])) for i in order]
