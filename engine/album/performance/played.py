"""What a track's voices play: scores, each with its place in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.music.notes import Note, PedalSpan, Phrase, Score, sorted_notes


@dataclass(frozen=True, slots=True)
class Placed:
    """A score and where in its track it begins; `section` is the name of its section."""

    start_s: float
    score: Score
    section: str
    phrase: Phrase
    """As it was drawn, before it was arranged."""


@dataclass(frozen=True)
class Played:
    """All that a track's voices play."""

    placed: tuple[Placed, ...]
    themes: Mapping[str, Phrase] = field(default_factory=dict)
    """Its themes by name, as they were chosen: the tune alone."""
    takes: Mapping[str, int] = field(default_factory=dict)
    """Which take of each section this is, and which drawing each theme is from, as `theme NAME`."""

    def notes(self, voice: str) -> tuple[Note, ...]:
        """A voice's notes in the track's own time."""
        return sorted_notes(
            replace(note, onset_s=item.start_s + note.onset_s)
            for item in self.placed
            for note in item.score.voices.get(voice, ())
        )

    @property
    def pedal(self) -> tuple[PedalSpan, ...]:
        spans = [
            PedalSpan(p.start_s + span.start_s, p.start_s + span.end_s) for p in self.placed for span in p.score.pedal
        ]
        return tuple(sorted(spans))

    def section(self, name: str) -> tuple[Placed, ...]:
        """The scores of one section; all where `name` is empty."""
        return tuple(item for item in self.placed if item.section == name or not name)


def piano_of(items: Sequence[Placed], shift_s: float) -> list[Note]:
    """The piano's notes of some scores, all moved by `shift_s`."""
    return [
        replace(note, onset_s=item.start_s + shift_s + note.onset_s)
        for item in items
        for note in item.score.voices.get("piano", ())
    ]
