"""Notes, phrases and scores: the symbolic material, as plain immutable values in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

LOWEST_PIANO_PITCH = 21
HIGHEST_PIANO_PITCH = 108


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One note: onset and duration in seconds, pitch as a MIDI number 0..127, velocity 1..127."""

    onset_s: float
    pitch: int
    duration_s: float
    velocity: int

    @property
    def end_s(self) -> float:
        return self.onset_s + self.duration_s


@dataclass(frozen=True, slots=True, order=True)
class PedalSpan:
    """The sustain pedal held from `start_s` to `end_s`."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """A few seconds to a minute of piano from a performer; notes sorted by onset, then pitch."""

    notes: tuple[Note, ...]
    pedal: tuple[PedalSpan, ...] = ()
    performer: str = ""
    seed: int = 0

    @property
    def length_s(self) -> float:
        """Time until the last note is released, pedal included."""
        ends_s = [note.end_s for note in self.notes] + [span.end_s for span in self.pedal]
        return max(ends_s, default=0.0)


@dataclass(frozen=True, slots=True)
class Score:
    """What the arranger makes of a phrase: notes per voice (see `engine.parameters.stems.VOICES`), and its length.

    `pedal` belongs to the piano alone. `length_s` is where the next phrase may begin; notes may ring beyond.
    """

    voices: Mapping[str, tuple[Note, ...]]
    pedal: tuple[PedalSpan, ...] = ()
    length_s: float = 0.0
    origin: str = field(default="", compare=False)
    """For people: where this came from, e.g. "satie #12" or "recall of #7, up a third"."""


def sorted_notes(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Notes in the order every phrase and score keeps them: by onset, then pitch."""
    return tuple(sorted(notes))
