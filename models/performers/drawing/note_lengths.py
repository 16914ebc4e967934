"""How long keys are held in what a performer learnt, so that a drawing holds them neither too briefly nor too long.

A network that is asked a hundred times a second whether it lets go of a key now and then does so at once, and now and
then loses sight of one. In the rolls one note in a thousand is shorter than 50 ms and two in ten thousand last 5 to 8
seconds; drawn without bounds it was one in fifty each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import yaml

from engine.errors import WeightsError
from engine.files.atomic import write_whole
from engine.music.notes import Phrase

FILE_NAME: Final = "note_lengths.yaml"
SHORTEST: Final = 0.002
LONG: Final = 0.98
"""Quantiles of all notes: the shortest that are counted, and where long ones begin."""


@dataclass(frozen=True)
class NoteLengths:
    """`shortest_s` is held at least; one note in fifty is held longer than `long_s`, by `excess_s` on average."""

    shortest_s: float
    long_s: float
    excess_s: float

    @classmethod
    def of(cls, pieces: Sequence[Phrase], weights: Sequence[float]) -> NoteLengths:
        """Those of a training set, of which piece i is taken in proportion to weights[i]."""
        held_s = np.array([note.duration_s for piece in pieces for note in piece.notes])
        weight = np.repeat(weights, [len(piece.notes) for piece in pieces])
        order = np.argsort(held_s)
        held_s, weight = held_s[order], weight[order]
        reached = np.cumsum(weight) / weight.sum()
        shortest_s, long_s = (float(held_s[np.searchsorted(reached, q)]) for q in (SHORTEST, LONG))
        beyond = held_s >= long_s
        excess_s = float(np.average(held_s[beyond] - long_s, weights=weight[beyond]))
        return cls(round(shortest_s, 3), round(long_s, 3), round(excess_s, 3))

    def longest_s(self, uniform: float) -> float:
        """When a key is let go at the latest: lengths beyond `long_s` fall off as those of the training set do."""
        return self.long_s - self.excess_s * float(np.log(1.0 - uniform))

    def save(self, path: Path) -> None:
        write_whole(path, yaml.safe_dump(asdict(self), sort_keys=False))

    @classmethod
    def beside(cls, weights: Path) -> NoteLengths | None:
        """Those that belong to a file of weights, None where they were never measured.

        Raises:
            WeightsError: the file is damaged.
        """
        path = weights.parent / FILE_NAME
        if not path.exists():
            return None
        try:
            found = {key: float(value) for key, value in yaml.safe_load(path.read_text("utf-8")).items()}
            return cls(**found)
        except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
            raise WeightsError(f"{path}: damaged ({error}); write it anew with `models card`") from error
