"""What a humaniser is told of each note of a score, and in which classes it says how the note is played."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Note

Table = NDArray[np.float64]
Classes = NDArray[np.int64]

OFFSET_STEP_S: Final = 0.005
OFFSETS: Final = 41
"""Classes of timing: from 0.1 s early, step by step, to 0.1 s late."""
VELOCITY_STEP: Final = 4
VELOCITIES: Final = 31
"""Classes of velocity beside the level of the playing around: from 60 softer, step by step, to 60 louder."""

LEVEL_S: Final = 3.0
"""The level is taken over about this long to both sides: a phrase's swell is the score's, not the humaniser's."""
LEVEL_STEP: Final = 4
TOGETHER_S: Final = 0.02
"""Notes of a score that begin within this are one chord."""
NEAR_S: Final = 2.0
LONGEST_WAIT_S: Final = 4.0
WIDEST: Final = 24
FEATURES: Final = 14


def level(notes: Sequence[Note]) -> Table:
    """Velocity [n] of the playing around each note, in steps of `LEVEL_STEP`: too coarse to tell what the note has."""
    onsets = np.array([note.onset_s for note in notes])
    velocities = np.array([float(note.velocity) for note in notes])
    near = np.maximum(0.0, 1.0 - np.abs(onsets[:, None] - onsets[None, :]) / (2.5 * LEVEL_S))
    smooth = np.add.accumulate(near * velocities, 1)[:, -1] / np.add.accumulate(near, 1)[:, -1]
    return np.asarray(np.rint(smooth / LEVEL_STEP) * LEVEL_STEP)


def features(score: Sequence[Note], levels: Table) -> Table:
    """[n x FEATURES] of a score in order of onset and pitch; only pitches, times and the level around are told."""
    onsets = np.array([note.onset_s for note in score])
    pitches = np.array([float(note.pitch) for note in score])
    lengths = np.array([note.duration_s for note in score])
    chord = np.append(0, np.add.accumulate((np.diff(onsets) > TOGETHER_S).astype(np.int64)))
    firsts = np.flatnonzero(np.append(True, np.diff(chord) > 0))
    sizes = np.diff(np.append(firsts, len(score)))
    tops = np.maximum.reduceat(pitches, firsts)
    bottoms = np.minimum.reduceat(pitches, firsts)
    waits = np.minimum(np.diff(onsets[firsts]), LONGEST_WAIT_S)
    before, after = np.append(LONGEST_WAIT_S, waits), np.append(waits, LONGEST_WAIT_S)
    rise = np.clip(np.diff(tops), -WIDEST, WIDEST) / 12
    near = np.abs(onsets[:, None] - onsets[None, :]) < NEAR_S
    around = (near * pitches).sum(1) / near.sum(1)
    again = np.triu((pitches[:, None] == pitches[None, :]) & near, 1).any(0)
    rank = (np.arange(len(score)) - firsts[chord] + 1) / sizes[chord]
    columns = (
        (pitches - 60) / 20,
        octaves(lengths),
        octaves(before)[chord],
        octaves(after)[chord],
        sizes[chord] / 4,
        rank,
        pitches == tops[chord],
        pitches == bottoms[chord],
        np.append(0.0, rise)[chord],
        np.append(rise, 0.0)[chord],
        octaves(near.sum(1) / 8),
        (levels - 60) / 20,
        (pitches - around) / 12,
        again,
    )
    return np.stack([np.asarray(column, np.float64) for column in columns], 1)


def octaves(values: Table) -> Table:
    """About the binary logarithm of values above 0, by an arithmetic that is the same on every processor.

    Exact at powers of two and straight in between, which is as good to a network.
    """
    mantissa, exponent = np.frexp(np.asarray(values, np.float64) + 0.03)
    return np.asarray(exponent - 1 + 2.0 * mantissa - 1.0)


def classes(offsets_s: Table, velocities: Table, levels: Table) -> tuple[Classes, Classes]:
    """Classes [n] of timing and of velocity; what lies beyond counts as the furthest."""
    late = np.rint(offsets_s / OFFSET_STEP_S) + OFFSETS // 2
    loud = np.rint((velocities - levels) / VELOCITY_STEP) + VELOCITIES // 2
    return (
        np.clip(late, 0, OFFSETS - 1).astype(np.int64),
        np.clip(loud, 0, VELOCITIES - 1).astype(np.int64),
    )
