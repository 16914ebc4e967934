"""The compiled choice beside the one that NumPy's sorting makes, and exponentials beside NumPy's."""

import numpy as np
import pytest

from models.performers.drawing.kernels.nucleus import LOWEST, drawn, exponentials
from models.performers.vocabulary.events import VOCABULARY_SIZE


def by_sorting(logits: np.ndarray, playable: np.ndarray, settings: tuple[float, float, int], uniform: float) -> int:
    """Nucleus sampling as its paper has it (arXiv 1904.09751), kept events in the vocabulary's order."""
    temperature, top_p, top_k = settings
    scaled = np.where(playable, logits.astype(np.float64) / temperature, -np.inf)
    likelihood = np.exp(scaled - scaled.max())
    order = np.argsort(-likelihood, kind="stable")[: top_k or None]
    mass = np.cumsum(likelihood[order])
    kept = np.sort(order[: int(np.searchsorted(mass, top_p * mass[-1])) + 1])
    ends = np.cumsum(likelihood[kept])
    return int(kept[min(int(np.searchsorted(ends, uniform * ends[-1], side="right")), len(kept) - 1)])


@pytest.mark.parametrize("settings", [(0.95, 0.97, 0), (1.0, 1.0, 0), (0.5, 0.9, 5), (1.5, 1.0, 20), (2.0, 0.5, 0)])
def test_it_draws_what_sorting_would(settings: tuple[float, float, int]) -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        logits = (rng.standard_normal(VOCABULARY_SIZE) * rng.choice([0.5, 2, 4])).astype(np.float32)
        playable = rng.random(VOCABULARY_SIZE) < rng.choice([1.0, 0.7, 0.02])
        playable[5] = True
        uniform = float(rng.random())
        assert drawn(logits, playable, *settings, uniform) == by_sorting(logits, playable, settings, uniform)


def test_of_equal_ones_the_first_is_kept() -> None:
    logits, every = np.zeros(VOCABULARY_SIZE, np.float32), np.ones(VOCABULARY_SIZE, bool)
    assert {drawn(logits, every, 1.0, 1.0, 3, u) for u in np.linspace(0.0, 0.999, 50)} == {0, 1, 2}


def test_exponentials_are_right_to_the_last_digits() -> None:
    x = np.concatenate([np.linspace(LOWEST, 0.0, 10_001), -np.logspace(-300, 0, 1000), [0.0]])
    assert np.abs(exponentials(x) / np.exp(x) - 1.0).max() < 4e-13  # whole octaves cost digits: 1000 of them three
    assert exponentials(np.array([0.0]))[0] == 1.0
    assert exponentials(np.array([-np.inf]))[0] < 1e-300
