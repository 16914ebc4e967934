"""Low interval limits: close intervals far down are mud on any instrument, and more so in a room that rings.

Every book on orchestration gives such a table; for instance, a major third is clear from about B flat 2 upwards, a
fifth from B flat 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engine.music.notes import HIGHEST_PIANO_PITCH, Note, sorted_notes

_LIMITS: Final = ((34, 12), (46, 7), (53, 3))
"""Below this pitch, notes that sound together are at least so many semitones apart."""

TOGETHER_S: Final = 0.2
"""Notes that overlap for less follow each other."""


def closest_semitones(pitch: int) -> int:
    """How near above `pitch` another note may sound with it."""
    return next((semitones for below, semitones in _LIMITS if pitch < below), 1)


def without_mud(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Low notes too close to others move up by octaves, lowest last to move, so they stay in key; what finds no room
    is dropped. Notes above the limits stay as they are."""
    limit = _LIMITS[-1][0]
    kept = [note for note in notes if note.pitch >= limit]
    for note in sorted((n for n in notes if n.pitch < limit), key=lambda n: (n.pitch, n.onset_s)):
        placed = _placed(note, kept)
        if placed is not None:
            kept.append(placed)
    return sorted_notes(kept)


def _placed(note: Note, kept: Sequence[Note]) -> Note | None:
    shared_s = [(n.pitch, min(n.end_s, note.end_s) - max(n.onset_s, note.onset_s)) for n in kept]
    together = [pitch for pitch, time_s in shared_s if time_s > TOGETHER_S]
    pressed = {pitch for pitch, time_s in shared_s if time_s > 0.0}
    for pitch in range(note.pitch, HIGHEST_PIANO_PITCH + 1, 12):
        if pitch not in pressed and all(_clear(min(pitch, other), max(pitch, other)) for other in together):
            return replace(note, pitch=pitch)
    return None


def _clear(low: int, high: int) -> bool:
    return high - low >= closest_semitones(low)
