"""Where a drawn phrase may stop: where the music comes to rest, with no key left hanging.

What makes listeners hear an end is well studied (Lerdahl and Jackendoff 1983; Temperley 2001): a long wait after it, a
harmony that is home (the tonic in the bass, a note of its triad on top), nothing dissonant left sounding, and a pace
that broadens. Each moment near the asked length is judged by these, and the best one is the end.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from engine.music.notes import Note, PedalSpan, Phrase
from engine.music.phrases.traits import Key, find_key

EARLIEST_END: Final = 0.6
LATEST_END: Final = 1.3
"""An end is looked for between these shares of the asked length."""

LONGEST_RING_S: Final = 4.0
"""The last notes may ring this long after the last key was struck."""

CHORD_S: Final = 0.06
LOCAL_S: Final = 12.0
"""The key of an end is that of so much music before it."""
HARSH: Final = frozenset({1, 2, 6, 10, 11})
"""Intervals, within an octave, that want to go on."""


def musical_end(phrase: Phrase, asked_s: float) -> Phrase:
    """The phrase up to its best end near `asked_s`; leading silence is cut, what would sound beyond is released."""
    if not phrase.notes:
        return replace(phrase, pedal=())
    start_s = phrase.notes[0].onset_s
    moved = tuple(replace(n, onset_s=round(n.onset_s - start_s, 4)) for n in phrase.notes)
    notes = moved[: _best_end(moved, asked_s)]
    last_s = notes[-1].onset_s + LONGEST_RING_S
    held = tuple(replace(n, duration_s=min(n.duration_s, last_s - n.onset_s)) for n in notes)
    return replace(phrase, notes=held, pedal=_pedal(phrase, start_s, last_s))


def _best_end(notes: Sequence[Note], asked_s: float) -> int:
    """How many of `notes`, which begin at 0, to keep."""
    waits_s = [b.onset_s - a.onset_s for a, b in pairwise(notes)]
    usual_s = statistics.median([wait_s for wait_s in waits_s if wait_s >= CHORD_S] or [1.0])
    ends = [
        index
        for index, wait_s in enumerate([*waits_s, usual_s], 1)
        if wait_s >= CHORD_S and EARLIEST_END * asked_s <= notes[index - 1].onset_s <= LATEST_END * asked_s
    ]
    if not ends:
        return max(1, sum(note.onset_s <= LATEST_END * asked_s for note in notes))
    return max(ends, key=lambda count: (_finality(notes, count, usual_s, asked_s), -count))


def _finality(notes: Sequence[Note], count: int, usual_s: float, asked_s: float) -> float:
    """How much like an end the music is after `count` notes: 0 for any moment, 2 to 4 for a cadence and a breath."""
    last_s = notes[count - 1].onset_s
    waited_s = notes[count].onset_s - last_s if count < len(notes) else usual_s
    breath = min(max(math.log2(waited_s / usual_s), 0.0), 2.5)
    before = [note.onset_s for note in notes[:count] if last_s - note.onset_s >= CHORD_S]
    broadened = min(max(math.log2((last_s - before[-1]) / usual_s), 0.0), 1.0) if before else 0.0
    recent = [note for note in notes[:count] if note.onset_s > last_s - LOCAL_S]
    away = abs(last_s - asked_s) / asked_s
    return (
        0.8 * breath + 0.4 * broadened + _rest([n for n in recent if n.end_s > last_s], find_key(recent)) - 1.5 * away
    )


def _rest(sounding: Sequence[Note], key: Key) -> float:
    """How much at home the notes that ring at the end are: 1.2 for a tonic chord, less than 0 for a dissonance."""
    triad = {key.tonic, (key.tonic + (4 if key.mode == "major" else 3)) % 12, (key.tonic + 7) % 12}
    low, high = (choose(note.pitch for note in sounding) for choose in (min, max))
    bass = 0.7 if low % 12 == key.tonic else 0.2 if low % 12 in triad else 0.0
    top = 0.5 if high % 12 in triad else 0.0
    harsh = any((one.pitch - other.pitch) % 12 in HARSH for one in sounding for other in sounding)
    return key.confidence * (bass + top) - (0.6 if harsh else 0.0)


def _pedal(phrase: Phrase, start_s: float, last_s: float) -> tuple[PedalSpan, ...]:
    moved = ((max(0.0, p.start_s - start_s), min(p.end_s - start_s, last_s)) for p in phrase.pedal)
    return tuple(PedalSpan(round(a, 4), round(b, 4)) for a, b in moved if b > a)
