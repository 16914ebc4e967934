"""How well a classifier tells two bodies of sound apart, second by second: 0.5 is not at all, 1 is always.

A classifier two-sample test (Lopez-Paz and Oquab 2017, https://arxiv.org/abs/1610.06545): what it says of sounds that
it was not fitted on, as the area under the ROC curve. Each second is told by how loud its mel bands are, how much they
move within it, and how fast. Two classifiers judge: Fisher's discriminant after principal components, which finds the
best direction, and boosted trees (Friedman 2001, https://doi.org/10.1214/aos/1013203451), which hear what lies in no
one direction. A network that has learnt to please one of them has not thereby pleased the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from models.textures.audio.mu_law import RATE_HZ
from models.textures.corpus.corpus import levelled
from models.textures.evaluation.distance import Sound, mel_levels_db

FOLDS: Final = 4
COMPONENTS: Final = 24
RIDGE: Final = 0.1
"""Added to the pooled variances of the components, which are 1 on the whole."""
TREES: Final = 100
TREE_DEPTH: Final = 3
LEAST_IN_A_LEAF: Final = 8

Values = NDArray[np.float64]
Scores = Callable[[Values], Values]
"""From features [seconds x features] to scores [seconds], higher for the second of two bodies."""
Classifier = Callable[[Values, Values], Scores]
"""From the seconds of two bodies to what scores others."""


def features(sound: Sound) -> Values:
    """Per second of a sound: mean, deviation and mean step of every mel band in dB, [seconds x 3 bands]."""
    levels_db = mel_levels_db(levelled(sound))
    per_second = round(len(levels_db) / (len(sound) / RATE_HZ))
    whole = levels_db[: len(levels_db) // per_second * per_second].reshape(-1, per_second, levels_db.shape[1])
    steps = np.abs(np.diff(whole, axis=1)).mean(axis=1)
    return np.concatenate([whole.mean(axis=1), whole.std(axis=1), steps], axis=1)


def discriminant(one: Values, other: Values) -> Scores:
    """Fisher's, of the first principal components of both."""
    both = np.concatenate([one, other])
    centre, scale = both.mean(axis=0), both.std(axis=0) + 1e-3
    _, sizes, axes = np.linalg.svd((both - centre) / scale, full_matrices=False)
    kept = min(COMPONENTS, len(both) // 4)
    axes = axes[:kept] / (sizes[:kept, None] / np.sqrt(len(both)) + 1e-6)
    a, b = ((side - centre) / scale @ axes.T for side in (one, other))
    pooled = 0.5 * (np.cov(a.T) + np.cov(b.T)) + RIDGE * np.eye(kept)
    weights = axes.T @ np.linalg.solve(pooled, b.mean(axis=0) - a.mean(axis=0))
    return lambda values: np.asarray((values - centre) / scale @ weights)


def boosted_trees(one: Values, other: Values) -> Scores:
    """Shallow ones, each learning what those before it have missed; both bodies count as much."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    trees = HistGradientBoostingClassifier(
        max_iter=TREES,
        max_depth=TREE_DEPTH,
        min_samples_leaf=LEAST_IN_A_LEAF,
        early_stopping=False,
        class_weight="balanced",
        random_state=1,
    )
    with threadpool_limits(1):  # tables this small only wait for other threads
        trees.fit(np.concatenate([one, other]), np.repeat([0, 1], [len(one), len(other)]))
    return lambda values: np.asarray(trees.decision_function(values))


def area(one: Sequence[Values], other: Sequence[Values], classifier: Classifier = discriminant) -> float:
    """Area under the ROC curve, 0..1, between the `features` of two sets of sounds, at least `FOLDS` in each.

    Sounds, not seconds, are left out by turns, for two seconds of one sound are alike.
    """
    sets = (one, other)
    scores: list[list[Values]] = [[], []]
    for fold in range(FOLDS):
        known = [np.concatenate([f for n, f in enumerate(s) if n % FOLDS != fold]) for s in sets]
        judge = classifier(known[0], known[1])
        for scored, own in zip(scores, sets, strict=True):
            scored += [judge(f) for n, f in enumerate(own) if n % FOLDS == fold]
    first, second = (np.concatenate(scored) for scored in scores)
    wins = scipy.stats.rankdata(np.concatenate([first, second]))[len(first) :].sum()
    return float((wins - len(second) * (len(second) + 1) / 2) / (len(first) * len(second)))
