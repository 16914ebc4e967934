"""How long keys are held in what a performer learnt, so that a drawing holds them neither too briefly nor too long.

A network that is asked a hundred times a second whether it lets go of a key now and then does so at once, and now and
then loses sight of one. In the rolls one note in a thousand is shorter than 50 ms and two in ten thousand last 5 to 8
seconds; drawn without bounds it was one in fifty each. Calm playing holds keys longer than busy playing: in the rolls
one note in fifty lasts 3.3 s or more at 2.5 notes a second, and 1.3 s or more at 8. So bounds follow the pace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import yaml
from numpy.typing import NDArray

from engine.errors import WeightsError
from engine.files.atomic import write_whole
from engine.music.notes import Phrase

FILE_NAME: Final = "note_lengths.yaml"
SHORTEST: Final = 0.002
LONG: Final = 0.98
"""Quantiles of all notes: the shortest that are counted, and where long ones begin."""
PACE_S: Final = 4.0
"""The keys struck in so many seconds, up to the present one, are the pace."""
USUAL_NOTES_PER_S: Final = 8.0
SLOWER: Final = 0.75
"""Lengths grow with the pace as its inverse to this power, in rolls and Satie, from 1.5 to 15 notes a second."""
PACES: Final = (1.0, 20.0)


@dataclass(frozen=True)
class NoteLengths:
    """`shortest_s` is held at least; at the usual pace one note in fifty is held longer than `long_s`, by `excess_s` on
    average."""

    shortest_s: float
    long_s: float
    excess_s: float

    @classmethod
    def of(cls, pieces: Sequence[Phrase], weights: Sequence[float]) -> NoteLengths:
        """Those of a training set, of which piece i is taken in proportion to weights[i]."""
        held_s = np.array([note.duration_s for piece in pieces for note in piece.notes])
        at_usual_s = held_s / np.concatenate([slower(_paces(piece)) for piece in pieces])
        weight = np.repeat(weights, [len(piece.notes) for piece in pieces])
        shortest_s = _quantile(held_s, weight, SHORTEST)
        long_s = _quantile(at_usual_s, weight, LONG)
        beyond = at_usual_s >= long_s
        excess_s = float(np.average(at_usual_s[beyond] - long_s, weights=weight[beyond]))
        return cls(round(shortest_s, 3), round(long_s, 3), round(excess_s, 3))

    def longest_s(self, uniform: float, notes_per_s: float = USUAL_NOTES_PER_S) -> float:
        """When a key is let go at the latest: lengths beyond `long_s` fall off as those of the training set do."""
        longest_s = self.long_s - self.excess_s * float(np.log(1.0 - uniform))
        return longest_s * float(slower(np.array(notes_per_s)))

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


def slower(notes_per_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many times longer keys are held than at the usual pace, for each pace [...]."""
    return np.asarray((USUAL_NOTES_PER_S / np.clip(notes_per_s, *PACES)) ** SLOWER)


def _paces(piece: Phrase) -> NDArray[np.float64]:
    """Notes per second up to each note [notes], itself included."""
    onsets_s = np.array([note.onset_s for note in piece.notes])
    return (np.arange(1, len(onsets_s) + 1) - np.searchsorted(onsets_s, onsets_s - PACE_S, "right")) / PACE_S


def _quantile(values: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    """The value that so much of the weight does not exceed."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(reached, share)])
