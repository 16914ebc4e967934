"""The copy test: a network that remembers nothing gains nothing, one that looks back gains what it remembers."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.performers.corpus.held_out import Measured
from models.performers.evaluation.copying import copying
from models.performers.vocabulary.events import VOCABULARY_SIZE
from tests.engine.phrases import wandering

PIECES = [wandering(seed, 4.0, 40.0) for seed in range(3)]


class Cache:
    """Expects after four events what came after them the last time, if that was within `reach` events."""

    training = False

    def __init__(self, reach: int) -> None:
        self._reach = reach

    def train(self, mode: bool = True) -> Any:
        return self

    def summed_nats(
        self, pieces: Sequence[NDArray[np.int16]], conditioned: bool, measured: Measured = lambda _: None
    ) -> float:
        total = 0.0
        for piece in pieces:
            seen: dict[tuple[int, ...], tuple[int, int]] = defaultdict(lambda: (-1, -1))
            for i in range(1, len(piece)):
                context = tuple(piece[max(0, i - 4) : i].tolist())
                event, place = seen[context]
                known = place >= 0 and i - place <= self._reach
                likely = 0.9 if known and event == piece[i] else 0.1 if known else 1.0
                total -= np.log(likely if known and event == piece[i] else likely / VOCABULARY_SIZE)
                seen[context] = (int(piece[i]), i)
        return total


@pytest.mark.parametrize(("reach", "at_once", "later"), [(0, False, False), (250, True, False), (4_000, True, True)])
def test_what_is_remembered_shows(reach: int, at_once: bool, later: bool) -> None:
    found = copying(Cache(reach), PIECES, 6)
    assert found.first > 4.0
    assert (found.at_once < 0.5 * found.first) == at_once
    assert (found.later < 0.5 * found.first) == later
