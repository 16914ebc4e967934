"""What of a piece can be recognised in any key and tempo: all its notes and its skyline, as intervals in a rhythm.

All notes stand in order; a chord counts as one moment with its notes from the lowest up, however it is rolled. The
skyline (Uitdenbogerd and Zobel 1998) is the top note of each moment, unless a higher key is still held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Phrase

CHORD_S: Final = 0.04
"""Notes that follow each other this closely are one chord."""
LONGEST_CHORD_S: Final = 0.12
"""A run of notes is not a chord, however quick."""
SHORTEST_WAIT_S: Final = 0.03
RHYTHM_CLASSES: Final = 17
TOGETHER: Final = RHYTHM_CLASSES
"""The rhythm of a note struck with the one before."""


@dataclass(frozen=True)
class MelodicFeature:
    """Notes in a canonical order: `pitch` [n], `onset_s` [n] of the moment each belongs to, and `rhythm` [n], each
    note's wait beside the wait before it.

    Waits are compared as ratios in classes half an octave wide (equal, half as long again, twice, …), so that neither
    tempo nor rubato hides a likeness. `waits` [n] is True where a note follows a wait at all, and False in a chord.
    """

    pitch: NDArray[np.int64]
    onset_s: NDArray[np.float64]
    rhythm: NDArray[np.int64]

    @property
    def waits(self) -> NDArray[np.bool_]:
        return self.rhythm != TOGETHER


def all_notes(phrase: Phrase) -> MelodicFeature:
    """All notes."""
    moments, onset_s, pitch, _ = _moments(phrase)
    order = np.lexsort((pitch, moments))
    moments, pitch = moments[order], pitch[order]
    first = np.diff(moments, prepend=-1) > 0
    rhythm = np.full(len(pitch), TOGETHER)
    rhythm[first] = _rhythm(onset_s)
    return MelodicFeature(pitch, onset_s[moments], rhythm)


def skyline(phrase: Phrase) -> MelodicFeature:
    """The uppermost notes that begin a moment of their own: nothing higher is struck with them or still held."""
    moments, onset_s, pitch, end_s = _moments(phrase)
    order = np.lexsort((-pitch, moments))
    first = order[np.diff(moments[order], prepend=-1) > 0]
    tops: list[int] = []
    times_s: list[float] = []
    held_pitch, held_until_s = -1, 0.0
    for start_s, top, until_s in zip(onset_s.tolist(), pitch[first].tolist(), end_s[first].tolist(), strict=True):
        if top >= held_pitch or start_s >= held_until_s - SHORTEST_WAIT_S:
            held_pitch, held_until_s = top, until_s
            tops.append(top)
            times_s.append(start_s)
    return MelodicFeature(np.array(tops, np.int64), np.array(times_s), _rhythm(np.array(times_s)))


def _moments(phrase: Phrase) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """(moment of each note, onset of each moment, pitches, ends), notes in their own order."""
    moments: list[int] = []
    starts_s: list[float] = []
    before_s = 0.0
    for note in phrase.notes:
        onset_s = note.onset_s
        if not starts_s or onset_s - before_s >= CHORD_S or onset_s - starts_s[-1] > LONGEST_CHORD_S:
            starts_s.append(onset_s)
        moments.append(len(starts_s) - 1)
        before_s = onset_s
    pitch = np.array([note.pitch for note in phrase.notes], np.int64)
    return np.array(moments, np.int64), np.array(starts_s), pitch, np.array([note.end_s for note in phrase.notes])


def _rhythm(onset_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Class of each moment's wait beside the wait before; the first two, which have none before, count as equal."""
    if len(onset_s) < 3:
        return np.full(len(onset_s), RHYTHM_CLASSES // 2)
    waits_s = np.maximum(np.diff(onset_s), SHORTEST_WAIT_S)
    ratio = np.log2(waits_s[1:] / waits_s[:-1])
    widest = RHYTHM_CLASSES // 2
    classes = np.clip(np.rint(2 * ratio), -widest, widest).astype(np.int64) + widest
    return np.concatenate([[widest, widest], classes])
