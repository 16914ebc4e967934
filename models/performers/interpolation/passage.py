"""Two bars on a grid of sixteenths: cut from phrases, as tables for a network, and as notes again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.beat import find_beat
from engine.music.notes import Note, sorted_notes

STEPS: Final = 32
STEPS_PER_BEAT: Final = 4
LOWEST: Final = 28
PITCHES: Final = 72
"""Keys that a passage may have, E1 to E7; what lies beyond is folded in by octaves."""
FASTEST_BEAT_S: Final = 0.45
SLOWEST_BEAT_S: Final = 1.0
USUAL_BEAT_S: Final = 0.65
"""Where no beat is found."""
LONGEST_S: Final = 12.0

Table = NDArray[np.bool_]


@dataclass(frozen=True)
class Passage:
    """Notes within two bars, with second 0 where the first bar begins, in steps of `step_s`."""

    notes: tuple[Note, ...]
    step_s: float

    @property
    def length_s(self) -> float:
        return STEPS * self.step_s

    def step_of(self, note: Note) -> int:
        return min(max(round(note.onset_s / self.step_s), 0), STEPS - 1)

    def tables(self) -> tuple[Table, Table]:
        """Where keys are struck, and where they are held after that [STEPS x PITCHES] each."""
        struck, held = np.zeros((2, STEPS, PITCHES), np.bool_)
        for note in self.notes:
            step, key = self.step_of(note), folded(note.pitch) - LOWEST
            until = max(step + 1, min(round(note.end_s / self.step_s), STEPS))
            struck[step, key] = True
            held[step + 1 : until, key] = True
        return struck, held & ~struck


def folded(pitch: int) -> int:
    """The same note by octaves within LOWEST and the keys above it."""
    while pitch < LOWEST:
        pitch += 12
    while pitch >= LOWEST + PITCHES:
        pitch -= 12
    return pitch


def beat_of(notes: Sequence[Note]) -> tuple[float, float]:
    """(beat in seconds, when the first begins) of some notes, by octaves within FASTEST and SLOWEST."""
    found = find_beat(notes)
    if found is None:
        return USUAL_BEAT_S, notes[0].onset_s if notes else 0.0
    beat_s = found.period_s
    while beat_s < FASTEST_BEAT_S:
        beat_s *= 2
    while beat_s > SLOWEST_BEAT_S:
        beat_s /= 2
    behind = (found.first_s - notes[0].onset_s) / beat_s
    return beat_s, found.first_s - int(np.floor(behind + 0.5)) * beat_s


def passages(notes: Sequence[Note]) -> list[tuple[float, Passage]]:
    """All of some notes in passages one after the other, each with the second in which it begins."""
    if not notes:
        return []
    beat_s, first_s = beat_of(notes)
    step_s = beat_s / STEPS_PER_BEAT
    early_s = min(first_s, notes[0].onset_s + step_s / 2)
    found = []
    start_s = early_s
    while start_s - step_s / 2 <= notes[-1].onset_s:
        edges_s = start_s - step_s / 2, start_s + (STEPS - 0.5) * step_s
        inside = [n for n in notes if edges_s[0] <= n.onset_s < edges_s[1]]
        found.append((start_s, Passage(tuple(replace(n, onset_s=n.onset_s - start_s) for n in inside), step_s)))
        start_s += STEPS * step_s
    return found


def written(struck: Table, held: Table) -> list[tuple[int, int, int]]:
    """(step, pitch, steps held) of what tables say [STEPS x PITCHES]; a key is held until it is struck again."""
    found = []
    for step, key in np.argwhere(struck).tolist():
        until = step + 1
        while until < STEPS and held[until, key] and not struck[until, key]:
            until += 1
        found.append((step, LOWEST + key, until - step))
    return found


def played(notes: Sequence[Note]) -> tuple[Note, ...]:
    """In order, with no key that sounds on while it is struck again."""
    kept: list[Note] = []
    last: dict[int, int] = {}
    for note in sorted_notes(notes):
        if note.pitch in last:
            before = kept[last[note.pitch]]
            held_s = min(before.duration_s, note.onset_s - before.onset_s)
            if held_s <= 0.0:
                continue
            kept[last[note.pitch]] = replace(before, duration_s=held_s)
        last[note.pitch] = len(kept)
        kept.append(note)
    return tuple(kept)
