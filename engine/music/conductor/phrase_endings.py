"""Where a phrase may end when another mood is to begin: at its own end, or else in its longest breath."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from engine.music.notes import Note, PedalSpan, Score


def best_end_s(score: Score, earliest_s: float, latest_s: float) -> float:
    """When to end a score, in seconds from its beginning, within a window.

    Its own end where that lies in the window; else just before the note that lets itself be waited for longest, so
    that what was said is said. `latest_s` where no note begins in the window.
    """
    if earliest_s <= score.length_s <= latest_s:
        return score.length_s
    onsets = sorted({note.onset_s for notes in score.voices.values() for note in notes})
    pauses = [(after - before, after) for before, after in pairwise(onsets) if earliest_s <= after <= latest_s]
    return max(pauses, key=lambda pause: (round(pause[0], 2), -pause[1]))[1] if pauses else latest_s


def cut_short(score: Score, end_s: float, ring_s: float) -> Score:
    """The score without the notes that begin at `end_s` or later; those that sound end by `end_s + ring_s`."""

    def note_until(note: Note) -> Note:
        return replace(note, duration_s=min(note.duration_s, end_s + ring_s - note.onset_s))

    return Score(
        voices={
            name: tuple(note_until(note) for note in notes if note.onset_s < end_s)
            for name, notes in score.voices.items()
        },
        pedal=tuple(
            PedalSpan(span.start_s, min(span.end_s, end_s + ring_s)) for span in score.pedal if span.start_s < end_s
        ),
        length_s=end_s,
        origin=score.origin,
    )
