"""Where a theme is heard: its tune looked for in all that a piano plays, in any key and at any pace."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from engine.music.notes import Note

PACES: Final = tuple(0.7 * 1.015**step for step in range(53))
"""Factors on the tune's times, 0.7 to 1.52: so near to each other that a tune of 13 s keeps its notes in place."""
NEAR_S: Final = 0.12
"""How far from its place a note may begin, at the tune's own pace."""
HEARD: Final = 0.75
"""Share of the tune's notes that makes a return. Its notes in another order find at most half of themselves."""
TRIES: Final = 4
"""Of the control."""
BEGUN: Final = 0.5
"""Share that makes a theme that is begun, and gone on with in other words."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A place of the tune: when, how much of it, by how many semitones it is moved, and how much slower it is."""

    start_s: float
    share: float
    semitones: int
    pace: float

    @property
    def about(self) -> str:
        """In words, as in "an octave up, slower"."""
        words = [] if self.semitones == 0 else [_interval(self.semitones)]
        if not 0.92 <= self.pace <= 1.09:
            words.append("slower" if self.pace > 1 else "quicker")
        if self.share < HEARD:
            words.append("begun, then otherwise")
        return ", ".join(words) or "as it was"


def places_of(tune: Sequence[Note], piano: Sequence[Note], least: float = BEGUN) -> list[Heard]:
    """All places where at least that share of a tune is heard, none over another, in their order.

    Begun ones must have its first notes, so that what is shared by chance does not count.
    """
    onsets = {pitch: sorted(n.onset_s for n in piano if n.pitch == pitch) for pitch in {n.pitch for n in piano}}
    found = [heard for start in piano for pace in PACES if (heard := _at(tune, start, pace, onsets, least))]
    found.sort(key=lambda heard: (-heard.share, abs(heard.semitones) > 0, abs(heard.pace - 1.0), heard.start_s))
    length_s = tune[-1].onset_s - tune[0].onset_s
    kept: list[Heard] = []
    for heard in found:
        if all(abs(heard.start_s - other.start_s) > 0.6 * length_s for other in kept):
            kept.append(heard)
    return sorted(kept, key=lambda heard: heard.start_s)


def _at(tune: Sequence[Note], start: Note, pace: float, onsets: dict[int, list[float]], least: float) -> Heard | None:
    shift = start.pitch - tune[0].pitch
    matched = [
        _struck(
            onsets.get(note.pitch + shift, []), start.onset_s + pace * (note.onset_s - tune[0].onset_s), NEAR_S * pace
        )
        for note in tune
    ]
    share = sum(matched) / len(tune)
    first = matched[: max(round(BEGUN * len(tune)), 3)]
    if share < least or (share < HEARD and not all(first)):
        return None
    return Heard(start.onset_s, share, shift, pace)


def _struck(onsets_s: list[float], at_s: float, near_s: float) -> bool:
    place = bisect_left(onsets_s, at_s - near_s)
    return place < len(onsets_s) and onsets_s[place] <= at_s + near_s


def by_chance(tune: Sequence[Note], piano: Sequence[Note]) -> float:
    """The control: the largest share of the tune that is found when its pitches stand in another order."""
    best = 0.0
    for number in range(TRIES):
        pitches = [note.pitch for note in tune]
        Random(number).shuffle(pitches)
        other = [Note(n.onset_s, pitch, n.duration_s, n.velocity) for n, pitch in zip(tune, pitches, strict=True)]
        best = max([best, *(heard.share for heard in places_of(other, piano, 0.2))])
    return best


def _interval(semitones: int) -> str:
    octaves, rest = divmod(abs(semitones), 12)
    direction = "up" if semitones > 0 else "down"
    if rest == 0:
        return f"{'an octave' if octaves == 1 else f'{octaves} octaves'} {direction}"
    return f"{abs(semitones)} semitones {direction}"
