"""A chord that somebody holds: the harmony of all that begins from now on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from engine.music.notes import Note, PedalSpan, Score, sorted_notes
from engine.music.scale import Scale, quantise_notes
from engine.parameters.stems import DOUBLES

FOREIGN: Final = 0.01
"""Weight of a pitch class that the chord does not have: next to none."""
HELD: Final = ("cello", "chords")
"""Voices whose notes last: what they hold when the chord changes moves along at once."""
UNPITCHED: Final = ("drums",)
SHORTEST_S: Final = 0.05


def chord_weights(pitches: Iterable[int]) -> tuple[float, ...]:
    """Twelve weights from C for asking a performer for a chord. Raises ValueError for a chord without keys."""
    classes = {pitch % 12 for pitch in pitches}
    if not classes:
        raise ValueError("a chord has at least one key")
    return tuple(1.0 if pitch_class in classes else FOREIGN for pitch_class in range(12))


def chord_scale(pitches: Iterable[int]) -> Scale | None:
    """The tones of a chord in all octaves, from its lowest on; None for no keys."""
    keys = sorted(pitches)
    return Scale(keys[0] % 12, tuple(sorted({(key - keys[0]) % 12 for key in keys}))) if keys else None


def steered(score: Score, chord: Scale, now_s: float) -> Score:
    """The score with all that begins from `now_s` on moved to the nearest tones of a chord.

    What is held then is let go; voices that hold long notes strike them again where the chord has them, and the pedal
    is lifted.
    """
    held = {*HELD, *(name for name, leader in DOUBLES.items() if leader in HELD)}
    voices = {
        name: notes if name in UNPITCHED else _moved(notes, chord, now_s, again=name in held)
        for name, notes in score.voices.items()
    }
    return replace(score, voices=voices, pedal=_lifted(score.pedal, now_s))


def _moved(notes: Sequence[Note], chord: Scale, now_s: float, again: bool) -> tuple[Note, ...]:
    before = [note for note in notes if note.onset_s < now_s]
    later = [note for note in notes if note.onset_s >= now_s]
    if again:
        rest = (replace(n, onset_s=now_s, duration_s=n.end_s - now_s) for n in before if n.end_s > now_s + SHORTEST_S)
        later += rest
    kept = [replace(n, duration_s=max(min(n.duration_s, now_s - n.onset_s), SHORTEST_S)) for n in before]
    return sorted_notes([*kept, *quantise_notes(later, chord)])


def _lifted(pedal: Sequence[PedalSpan], now_s: float) -> tuple[PedalSpan, ...]:
    """The pedal up for a moment, so that harmonies do not run together."""
    found: list[PedalSpan] = []
    for span in pedal:
        if span.start_s < now_s < span.end_s:
            found.append(PedalSpan(span.start_s, now_s))
            if span.end_s > now_s + 2 * SHORTEST_S:
                found.append(PedalSpan(now_s + 2 * SHORTEST_S, span.end_s))
        else:
            found.append(span)
    return tuple(found)
