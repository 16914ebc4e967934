"""Bringing pitches into a scale, as Ableton's Scale device does."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.music.notes import HIGHEST_PIANO_PITCH, LOWEST_PIANO_PITCH, Note, sorted_notes
from engine.parameters.scales import intervals_of, pitch_class_of
from engine.parameters.sound import ScaleSettings

FITS_WELL: Final = 0.85
"""Share of what sounds that lies in the scale."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A set of pitch classes with a root, repeating every octave."""

    root: int
    intervals: tuple[int, ...]
    direction: str = "nearest"

    @classmethod
    def from_settings(cls, settings: ScaleSettings) -> Scale:
        return cls(pitch_class_of(settings.root), intervals_of(settings.mode), settings.direction)

    @property
    def size(self) -> int:
        """Tones per octave."""
        return len(self.intervals)

    def contains(self, pitch: int) -> bool:
        return (pitch - self.root) % 12 in self.intervals

    def quantise(self, pitch: int) -> int:
        """The scale tone for `pitch`: nearest (a tie goes down), or the next one up or down.

        The same in every octave; only at the ends of 0..127 does it turn back to stay inside.
        """
        below = next(pitch - n for n in range(12) if self.contains(pitch - n))
        above = next(pitch + n for n in range(12) if self.contains(pitch + n))
        if self.direction == "nearest":
            chosen = below if pitch - below <= above - pitch else above
        else:
            chosen = above if self.direction == "up" else below
        if chosen < 0:
            return above
        return below if chosen > 127 else chosen

    def degree(self, pitch: int) -> int:
        """How many scale tones `pitch` (brought into the scale) lies above the root in octave 0."""
        octave, interval = divmod(self.quantise(pitch) - self.root, 12)
        return octave * self.size + bisect.bisect_left(self.intervals, interval)

    def pitch(self, degree: int) -> int:
        """The pitch that lies `degree` scale tones above the root in octave 0; inverse of `degree`."""
        octave, index = divmod(degree, self.size)
        return self.root + 12 * octave + self.intervals[index]

    def move(self, pitch: int, steps: int) -> int:
        """`pitch` moved by scale steps: a third is 2 in a seven-note scale."""
        return self.pitch(self.degree(pitch) + steps)

    def tones(self, low: int, high: int) -> tuple[int, ...]:
        """All scale tones in low..high, ends included."""
        return tuple(p for p in range(low, high + 1) if self.contains(p))

    def pitch_class_weights(self, weight: float, centre: int = 0) -> tuple[float, ...] | None:
        """Twelve weights from C for asking a performer for this scale; None when `weight` asks for nothing.

        The tone nearest to `centre` semitones above the root weighs 1, its third and fifth nearly as much, the
        scale's other tones half; foreign ones little, but never nothing: a passing note is no crime.
        """
        if weight <= 0.0:
            return None
        middle = self.quantise(60 + self.root + centre)
        strong = {middle % 12: 1.0}
        for interval, share in ((7, 0.85), (3, 0.75), (4, 0.75)):
            if self.contains(middle + interval):
                strong[(middle + interval) % 12] = share
        foreign = round(0.5 * max(1.0 - weight, 0.02), 3)
        return tuple(strong.get(pc, 0.5 if self.contains(pc) else foreign) for pc in range(12))


def shift_into_key(notes: Sequence[Note], scale: Scale) -> int:
    """Semitones (-5..6) by which `notes` fit the scale best, 0 when they fit well enough already.

    A phrase drawn in E flat is better moved to D as a whole than bent there note by note. Long and loud notes count
    for more, a lowest or last note on the root a little.
    """
    shares = [0.0] * 12
    for note in notes:
        shares[note.pitch % 12] += min(note.duration_s, 2.0) * note.velocity
    total = sum(shares)
    if total <= 0.0:
        return 0

    def fit(shift: int) -> float:
        return sum(share for pc, share in enumerate(shares) if scale.contains(pc + shift)) / total

    if fit(0) >= FITS_WELL:
        return 0
    ending = {min(notes, key=lambda n: (n.pitch, n)).pitch, notes[-1].pitch}

    def worth(shift: int) -> float:
        rooted = sum((pitch + shift - scale.root) % 12 == 0 for pitch in ending)
        return fit(shift) + 0.02 * rooted - 0.004 * abs(shift)

    best = max(sorted(range(-5, 7), key=abs), key=worth)
    return best if fit(best) > fit(0) + 0.05 else 0


def in_key(notes: Sequence[Note], scale: Scale) -> tuple[Note, ...]:
    """All `notes` moved by `shift_into_key`."""
    shift = shift_into_key(notes, scale)
    return tuple(replace(note, pitch=min(max(note.pitch + shift, 0), 127)) for note in notes)


def quantise_notes(
    notes: Iterable[Note], scale: Scale, low: int = LOWEST_PIANO_PITCH, high: int = HIGHEST_PIANO_PITCH
) -> tuple[Note, ...]:
    """All `notes` in the scale and in low..high, no two of the same pitch sounding at once.

    A key struck again while it sounds ends its earlier note. Two different keys that the scale would bring onto
    one are kept apart: the later (or higher) moves on to the next free scale tone, or is dropped if an octave is full.
    """
    placed: list[Note] = []
    sources: list[int] = []
    for note in sorted_notes(notes):
        pitch = _into_range(scale.quantise(note.pitch), low, high)
        clash = _sounding(placed, note, pitch)
        if clash is not None and sources[clash] == note.pitch and placed[clash].onset_s < note.onset_s:
            placed[clash] = replace(placed[clash], duration_s=note.onset_s - placed[clash].onset_s)
        elif clash is not None:
            if sources[clash] == note.pitch:
                continue
            free = _next_free(placed, note, pitch, scale, low, high, upward=note.pitch > sources[clash])
            if free is None:
                continue
            pitch = free
        placed.append(replace(note, pitch=pitch))
        sources.append(note.pitch)
    return sorted_notes(placed)


def _into_range(pitch: int, low: int, high: int) -> int:
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def _sounding(placed: Sequence[Note], note: Note, pitch: int) -> int | None:
    """Index of the note placed on `pitch` that still sounds when `note` begins."""
    for index in range(len(placed) - 1, -1, -1):
        if placed[index].pitch == pitch and placed[index].end_s > note.onset_s:
            return index
    return None


def _next_free(
    placed: Sequence[Note], note: Note, pitch: int, scale: Scale, low: int, high: int, upward: bool
) -> int | None:
    tones = [p for p in scale.tones(low, high) if p != pitch and abs(p - pitch) <= 12]
    tones.sort(key=lambda p: ((p > pitch) != upward, abs(p - pitch)))
    return next((p for p in tones if _sounding(placed, note, p) is None), None)
