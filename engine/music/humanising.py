"""Notes that nobody played, given hands by whoever has learnt how: see `models.performers.humaniser`, one floor up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.music.notes import Note, sorted_notes

Humanise = Callable[[Sequence[Note], int], tuple[Note, ...]]
"""A score's notes and a seed in, the same notes as hands play them out, in order; the same seed gives the same."""


def as_written(notes: Sequence[Note], seed: int) -> tuple[Note, ...]:
    """No touch at all: what is played where nobody knows how to."""
    return sorted_notes(notes)
