"""How much of a theme comes back in what was drawn after it."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.music.notes import Phrase
from models.performers.quotation.melodic_features import skyline

RUN_INTERVALS: Final = 3
"""So many steps of a melody in a row make a turn that is known again, in any key and tempo."""


def share_brought_back(phrase: Phrase, theme: Phrase) -> float:
    """Share, 0..1, of the melodic turns of a phrase that stand in the theme's melody, too."""
    turns, known = _turns(phrase), set(_turns(theme))
    return sum(turn in known for turn in turns) / max(1, len(turns))


def _turns(phrase: Phrase) -> list[tuple[int, ...]]:
    if not phrase.notes:
        return []
    steps = np.diff(skyline(phrase).pitch).tolist()
    return [tuple(steps[i : i + RUN_INTERVALS]) for i in range(len(steps) - RUN_INTERVALS + 1)]
