"""Whether what a performer plays can be recognised as variations of a book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from engine.music.notes import Phrase
from models.performers.quotation.quotation import Quotations

RECOGNISED_NOTES: Final = 12
"""So many notes of a book in a row, of its texture or melody, in any key and tempo: what people know a tune by."""

BOOK: Final = "book.safetensors"
"""The index of a book beside the weights that know it by heart. Drawing asks for no limit there: see `Quotations`."""


def book_beside(weights: Path) -> Quotations | None:
    """The book that a performer knows by heart, None of one that knows none; raises as `Quotations.load` does."""
    path = weights.parent / BOOK
    return Quotations.load(path) if path.exists() else None


@dataclass(frozen=True)
class Recognition:
    """Of some phrases: the share that is recognised, and the longest passages of the book in them, in notes."""

    share: float
    middle_notes: float
    longest_notes: int
    by_heart: float
    """Share of all notes that the longest passage of each phrase covers: 1 would be the book itself."""


def recognition(phrases: Sequence[Phrase], book: Quotations) -> Recognition:
    """How phrases are related to a book; of no phrases, not at all."""
    if not phrases:
        return Recognition(0.0, 0.0, 0, 0.0)
    runs = [book.longest_run_notes(phrase) for phrase in phrases]
    recognised = sum(notes >= RECOGNISED_NOTES for notes in runs) / len(runs)
    covered = sum(runs) / max(sum(len(phrase.notes) for phrase in phrases), 1)
    return Recognition(recognised, float(median(runs)), max(runs), min(covered, 1.0))
