"""Checks of a phrase that a performer delivers, which none should fail."""

from __future__ import annotations

from typing import Final

from engine.music.phrases.repair import FEWEST_NOTES
from models.performers.drawing.rejection_sampling import Kept

SHORTEST: Final = 0.3
LONGEST: Final = 1.3
"""Shares of the length asked for within which the last key is struck."""
LONGEST_HELD_S: Final = 12.0
LONGEST_RING_S: Final = 8.0
"""Keys and pedal are let go this long after the last key was struck, at the latest."""


def faults(kept: Kept, phrase_s: float, most_quoted_notes: int) -> list[str]:
    """What is wrong with a phrase that was asked to be `phrase_s` long; empty when nothing is."""
    phrase = kept.phrase
    if phrase is None or len(phrase.notes) < FEWEST_NOTES:
        return ["empty"]
    last_s = phrase.notes[-1].onset_s
    ends_s = [note.end_s for note in phrase.notes] + [span.end_s for span in phrase.pedal]
    found = {
        "begins with silence": phrase.notes[0].onset_s > 0.0,
        "a hanging note": any(note.duration_s > LONGEST_HELD_S + 5.0 for note in phrase.notes),
        "rings on": max(ends_s) > last_s + LONGEST_RING_S,
        "too short": last_s < SHORTEST * phrase_s,
        "too long": last_s > LONGEST * phrase_s + 0.01,
        "quotes too much": kept.quoted_notes > most_quoted_notes,
    }
    return [what for what, holds in found.items() if holds]
