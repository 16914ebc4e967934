"""A melody on a performer's clock: what must happen when, and what it leaves free."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import LOWEST_PIANO_PITCH, Note, Phrase, sorted_notes
from models.performers.vocabulary.events import NOTE_OFF, STEP_S, TIME_SHIFT, VELOCITY, encode

BELOW: Final = 3
"""Semitones that the accompaniment stays beneath the melody."""
AROUND_S: Final = 1.5
"""The melody's notes of so long before and after a moment are what it stays beneath then."""
LEAST_ROOM: Final = 12
"""A melody in the bass leaves the keys above it free, from so far above."""


class GivenMelody:
    """Events [(step, event)] in order, `due(step)` takes those that are; all in steps of 10 ms."""

    def __init__(self, melody: Sequence[Note]) -> None:
        self.notes = sorted_notes(melody)
        self.end = 1 + max((round(note.end_s / STEP_S) for note in self.notes), default=0)
        self._waiting = deque(self._events())
        self._ceilings = self._highest_free()

    def _events(self) -> list[tuple[int, int]]:
        step, found = 0, []
        for event in encode(Phrase(self.notes)).tolist():
            if TIME_SHIFT <= event < VELOCITY:
                step += event - TIME_SHIFT + 1
            else:
                found.append((step, event))
        return found

    @property
    def next_step(self) -> int:
        """When something of it happens next, or when it is over."""
        return self._waiting[0][0] if self._waiting else self.end

    def due(self, step: int) -> list[int]:
        """Events that must happen by now; each is given once."""
        found = []
        while self._waiting and self._waiting[0][0] <= step:
            found.append(self._waiting.popleft()[1])
        return found

    def free(self, step: int) -> NDArray[np.bool_]:
        """Keys [128] that the accompaniment may strike."""
        highest = self._ceilings[min(step, len(self._ceilings) - 1)]
        keys = np.arange(NOTE_OFF)
        if highest - LOWEST_PIANO_PITCH < LEAST_ROOM:
            return np.asarray(keys >= highest + BELOW + LEAST_ROOM)
        return np.asarray(keys <= highest)

    def _highest_free(self) -> NDArray[np.int64]:
        """The highest key [steps] beneath all of the melody around each moment."""
        lowest = min((note.pitch for note in self.notes), default=127)
        found = np.full(self.end + 1, 127)
        for note in self.notes:
            first = max(0, round((note.onset_s - AROUND_S) / STEP_S))
            last = round((note.end_s + AROUND_S) / STEP_S)
            found[first : last + 1] = np.minimum(found[first : last + 1], note.pitch)
        found[found == 127] = lowest
        return found - BELOW
