"""What a visitor played, on its way to being continued: asked of the performer, and how the answer becomes a phrase."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from engine.music.notes import Note, Phrase, sorted_notes

if TYPE_CHECKING:  # the hub knows visitors, and starts in half the time without numpy
    from engine.music.phrases.store import Request

PATIENCE_SCORES: Final = 3
"""An answer that is not there after so many phrases comes too late to be understood as one."""
ANSWER_WITHIN_S: Final = 4.0
"""The phrase that plays ends at its best place within this time, once the answer is there."""
ORIGIN: Final = "continuing a visitor's phrase"
LEAST_MELODY_S: Final = 6.0

Visitors = Literal["off", "continued", "repeated", "accompanied", "chords"]


@dataclass
class VisitorReply:
    """One visitor's phrase; `request` asks for its continuation."""

    primer: Phrase
    request: Request
    scores: int = 0
    """Phrases that began since."""
    is_ready: bool = False
    """The answer is known to be there."""


def asked_to_continue(request: Request, primer: Phrase) -> Request:
    """The same request with what it is to go on from."""
    return replace(request, primer=primer.notes)


def asked_to_accompany(request: Request, melody: Phrase) -> Request:
    """The same request for what goes with a melody, and as long as that."""
    return replace(request, melody=melody.notes, phrase_s=max(round(melody.length_s, 1), LEAST_MELODY_S))


def answered(primer: Phrase, continuation: Phrase, visitors: Visitors) -> Phrase:
    """What is played: the continuation alone, or what it continues and then that."""
    if visitors != "repeated":
        return continuation
    ends_s = max(note.end_s for note in primer.notes)
    notes = [*primer.notes, *(_later(note, ends_s) for note in continuation.notes)]
    pedal = tuple(replace(s, start_s=s.start_s + ends_s, end_s=s.end_s + ends_s) for s in continuation.pedal)
    return replace(continuation, notes=sorted_notes(notes), pedal=pedal)


def _later(note: Note, by_s: float) -> Note:
    return replace(note, onset_s=note.onset_s + by_s)
