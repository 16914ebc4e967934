"""Playing that goes round in circles: the same few notes, over and over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.music.notes import Note

CIRCLE_NOTES: Final = range(2, 9)
"""So many notes a circle has; one key struck over and over is another fault."""

STATEMENTS: Final = 3
"""So often in a row a figure stands before it is a circle: a phrase and its repetition are none."""


def share_circling(notes: Sequence[Note]) -> float:
    """Share, 0..1, of notes that belong to a figure which stands three times in a row and more, with nothing else."""
    pitches = [note.pitch for note in notes]
    inside = [False] * len(pitches)
    for length in CIRCLE_NOTES:
        run = 0
        for place in range(length, len(pitches)):
            run = run + 1 if pitches[place] == pitches[place - length] else 0
            if run >= (STATEMENTS - 1) * length:
                first = place - run - length + 1
                inside[first : place + 1] = [True] * (run + length)
    return sum(inside) / max(len(inside), 1)
