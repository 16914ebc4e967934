"""A performance beside its own quantised copy: the notes on the beat, and how far from it each was played.

The beat is tracked (see `drawing.pulse_keeping`) and smoothed over some seconds: a pianist's tempo stays in the copy,
and what is played around it is what a humaniser learns (Gillick et al. 2019, "Learning to Groove with Inverse Sequence
Transformations", arXiv 1905.06118, whose drummers played to a click).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Note, Phrase, sorted_notes
from models.performers.drawing.pulse_keeping import even_parts, tracked_beats

Times = NDArray[np.float64]

CHORD_S: Final = 0.05
LONGEST_CHORD_S: Final = 0.12
"""Notes that follow each other this closely are one chord, but a run of notes is none, however quick."""
STRETCH_S: Final = 24.0
"""So much of a performance is quantised at a time: the beat's length is about the same within it."""
SMOOTHED_OVER_BEATS: Final = 3
"""A beat's place is that of a line through so many beats to both sides."""
FEWEST_BEATS: Final = 8
FEWEST_NOTES: Final = 24
FURTHEST_S: Final = 0.04
"""Chords of a stretch that keeps a beat are, at the median, no further from it than this."""


@dataclass(frozen=True)
class QuantisedCopy:
    """`score` as it was meant, in order of onset and pitch, and the same notes as they were `played`."""

    score: tuple[Note, ...]
    played: tuple[Note, ...]

    @property
    def offsets_s(self) -> Times:
        """How late each note was played [n]."""
        return np.array([p.onset_s - s.onset_s for p, s in zip(self.played, self.score, strict=True)])


def copies(piece: Phrase) -> Iterator[QuantisedCopy]:
    """Of each stretch of a performance that keeps a beat."""
    start_s = 0.0
    while start_s < piece.length_s:
        inside = [n for n in piece.notes if start_s <= n.onset_s < start_s + STRETCH_S]
        copy = quantised([replace(n, onset_s=n.onset_s - start_s) for n in inside])
        if copy is not None:
            yield copy
        start_s += STRETCH_S


def quantised(notes: Sequence[Note]) -> QuantisedCopy | None:
    """The quantised copy of some seconds of playing; None where they keep no beat."""
    if len(notes) < FEWEST_NOTES:
        return None
    chords = _chords(notes)
    onsets = np.array([float(np.mean([note.onset_s for note in chord])) for chord in chords])
    beats = tracked_beats(onsets, _strengths(chords))
    if len(beats) < FEWEST_BEATS:
        return None
    pulse = _smoothed(beats)
    inside = (onsets >= pulse[0]) & (onsets < pulse[-1])
    grid = _grid(onsets[inside], pulse)
    if inside.sum() < FEWEST_BEATS or float(np.median(np.abs(onsets[inside] - grid))) > FURTHEST_S:
        return None
    kept = [chord for chord, has_beat in zip(chords, inside, strict=True) if has_beat]
    return _copy(kept, grid, float(np.median(np.diff(pulse))))


def _chords(notes: Sequence[Note]) -> list[list[Note]]:
    chords: list[list[Note]] = []
    for note in sorted_notes(notes):
        if (
            chords
            and note.onset_s - chords[-1][-1].onset_s < CHORD_S
            and note.onset_s - chords[-1][0].onset_s < LONGEST_CHORD_S
        ):
            chords[-1].append(note)
        else:
            chords.append([note])
    return chords


def _strengths(chords: Sequence[Sequence[Note]]) -> Times:
    """How much each chord sounds like a beat, about 1: loud ones, full ones and low ones do."""
    found = np.array([sum((1.5 if n.pitch < 52 else 1.0) * n.velocity for n in chord) for chord in chords])
    return np.asarray(np.sqrt(found / found.mean()))


def _smoothed(beats: Times) -> Times:
    """The same beats, each on a straight line through its neighbours; they go on rising."""
    numbers = np.arange(len(beats))
    found = np.empty(len(beats))
    for number in numbers:
        near = numbers[max(0, number - SMOOTHED_OVER_BEATS) : number + SMOOTHED_OVER_BEATS + 1]
        found[number] = np.polyval(np.polyfit(near, beats[near], 1), number)
    return np.maximum.accumulate(found + 1e-4 * numbers)


def _grid(onsets: Times, pulse: Times) -> Times:
    """When each onset was meant: at the nearest part of its beat."""
    numbers = np.arange(len(pulse), dtype=np.float64)
    place = np.interp(onsets, pulse, numbers)
    for beat in np.unique(np.floor(place)):
        inside = np.floor(place) == beat
        place[inside] = beat + even_parts(place[inside] - beat)
    return np.interp(place, numbers, pulse)


def _copy(chords: Sequence[Sequence[Note]], grid: Times, beat_s: float) -> QuantisedCopy:
    """Score and playing in one order; a key that is struck twice in one chord is struck once."""
    pairs: dict[tuple[float, int], tuple[Note, Note]] = {}
    for chord, onset_s in zip(chords, grid.tolist(), strict=True):
        for note in chord:
            held_s = max(round(4 * note.duration_s / beat_s), 1) * beat_s / 4
            pairs.setdefault((onset_s, note.pitch), (Note(onset_s, note.pitch, held_s, 64), note))
    ordered = [pairs[key] for key in sorted(pairs)]
    return QuantisedCopy(tuple(score for score, _ in ordered), tuple(played for _, played in ordered))
