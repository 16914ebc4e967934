"""Density and register of notes over time, as a listener has them: how much begins, and where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Note

WINDOW_S: Final = 8.0
STEP_S: Final = 1.0
HIGHEST_GROWL_PITCH: Final = 50
"""D3; what lies from C2 (36) up to here, one note at a time, is a piano's growl."""
LOWEST_GROWL_PITCH: Final = 36
MOST_ALONE: Final = 0.8
"""Share of a minute's onsets that are single low notes from which on the minute counts as one of them."""

Curve = NDArray[np.float64]


def density_curve(notes: Sequence[Note], length_s: float) -> tuple[Curve, Curve]:
    """Times in seconds, and the notes per second that begin in the window around each."""
    times_s = np.arange(0.0, length_s, STEP_S)
    onsets = np.sort([note.onset_s for note in notes])
    counts = np.searchsorted(onsets, times_s + WINDOW_S / 2) - np.searchsorted(onsets, times_s - WINDOW_S / 2)
    return times_s, counts / WINDOW_S


def register_curve(notes: Sequence[Note], length_s: float) -> tuple[Curve, Curve]:
    """Times in seconds, and the mean pitch of what begins around each, weighted by velocity; NaN where nothing does."""
    times_s = np.arange(0.0, length_s, STEP_S)
    return times_s, np.array([mean_pitch(notes, t - WINDOW_S / 2, t + WINDOW_S / 2) for t in times_s])


def mean_pitch(notes: Sequence[Note], start_s: float, end_s: float) -> float:
    """Of the notes that begin in a span, weighted by velocity; NaN where none does."""
    inside = [note for note in notes if start_s <= note.onset_s < end_s]
    if not inside:
        return float("nan")
    return float(np.average([note.pitch for note in inside], weights=[note.velocity for note in inside]))


def growling_minutes(notes: Sequence[Note], length_s: float) -> list[float]:
    """Where minutes begin, in steps of 10 s, in which a piano plays little but single notes from C2 to D3."""
    return [start_s for start_s in np.arange(0.0, max(length_s - 60.0, 0.0) + 1e-9, 10.0) if _growls(notes, start_s)]


def _growls(notes: Sequence[Note], start_s: float) -> bool:
    inside = [note for note in notes if start_s <= note.onset_s < start_s + 60.0]
    alone = [
        note
        for note in inside
        if LOWEST_GROWL_PITCH <= note.pitch <= HIGHEST_GROWL_PITCH
        and not any(other is not note and abs(other.onset_s - note.onset_s) < 0.1 for other in inside)
    ]
    return len(inside) > 0 and len(alone) >= MOST_ALONE * len(inside)
