"""Gives a deadpan score a pianist's touch, so that a network fine-tuned on it does not unlearn how to play.

Rules after what performance research measures in expressive playing (Friberg, Bresin and Sundberg 2006, "Overview
of the KTH rule system for musical performance"): a beat that stays and is played around in arcs as long as phrases
(what a bar takes, the next gives back), a melody that leads and sings out, chords that are rolled a little, and a pedal
that changes with the bass. Every rendering is another one.

A score may hold one key twice: a voice that the piano doubles, a note struck again before it ends. Fingers cannot, so a
doubled key is struck once, and a key is let go before it is struck again. Otherwise a rendering is full of notes of
10 ms, and a network learns to play them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes

CHORD_S = 0.03
"""Notes that begin within this are struck as one chord."""

ARC_S = (4.0, 11.0)
"""Shortest and longest arc of tempo."""

LET_GO_S = 0.04
SHORTEST_NOTE_S = 0.06
"""A key is let go so long before it is struck again, unless it then were held for less than this."""

BASS_BELOW_PITCH = 57
SHORTEST_PEDAL_S = 0.7


@dataclass(frozen=True)
class Touch:
    """How far a rendering may go; the defaults suit slow, quiet music."""

    rubato: float = 0.03
    """Deviation of local tempo within an arc, as a ratio; the arc as a whole keeps the tempo."""
    broadening: float = 0.12
    """Deviation of local tempo before a long pause and at the end, as a ratio."""
    melody_lead_s: float = 0.015
    roll_s: float = 0.008
    """Time between neighbouring notes of a chord, from the lowest up."""
    jitter_s: float = 0.006
    melody_velocity: float = 66.0
    accompaniment_velocity: float = 46.0
    swell_velocity: float = 9.0


def is_deadpan(phrase: Phrase) -> bool:
    """Whether a program wrote this: it has no pedal, and chords are exact to the millisecond."""
    if phrase.pedal or not phrase.notes:
        return False
    waits_s = [b.onset_s - a.onset_s for a, b in pairwise(phrase.notes)]
    together = sum(wait_s < 0.001 for wait_s in waits_s)
    spread = sum(0.001 <= wait_s < 0.03 for wait_s in waits_s)
    return together > 4 * spread


def with_touch(score: Phrase, touch: Touch, seed: int) -> Phrase:
    """A performance of `score`; the same seed gives the same one."""
    if not score.notes:
        return score
    rng = np.random.default_rng(seed)
    chords = _chords(score.notes)
    clock = _Clock(chords, score.length_s, touch, rng)
    level = _swell(rng)
    loudness = float(rng.normal(0.0, 5.0))
    played: list[Note] = []
    for chord in chords:
        played.extend(_struck(chord, touch, clock, loudness + touch.swell_velocity * level(chord[0].onset_s), rng))
    notes = _with_one_finger_a_key(replace(n, onset_s=max(0.0, n.onset_s)) for n in played)
    return replace(score, notes=notes, pedal=_pedal(chords, clock, rng))


def _chords(notes: tuple[Note, ...]) -> list[list[Note]]:
    chords: list[list[Note]] = []
    for note in notes:
        if chords and note.onset_s - chords[-1][0].onset_s < CHORD_S:
            chords[-1].append(note)
        else:
            chords.append([note])
    return [sorted(chord, key=lambda n: n.pitch) for chord in chords]


class _Clock:
    """Score time to played time: a steady tempo, arcs around it, and a broadening before long pauses and at the end."""

    def __init__(self, chords: list[list[Note]], length_s: float, touch: Touch, rng: np.random.Generator) -> None:
        self._score_s = np.linspace(0.0, length_s + 1.0, max(2, int((length_s + 1.0) / 0.05)))
        slowness = 1.0 + _arcs(self._score_s, touch.rubato, rng)
        for pause_s in _pauses_s(chords, length_s):
            slowness += rng.random() * touch.broadening * np.exp(-0.5 * ((self._score_s - pause_s) / 0.6) ** 2)
        steps = np.diff(self._score_s, prepend=0.0) * slowness
        self._played_s = np.cumsum(steps) * float(np.exp(rng.normal(0.0, 0.08)))

    def __call__(self, score_s: float) -> float:
        return float(np.interp(score_s, self._score_s, self._played_s))


def _arcs(score_s: NDArray[np.float64], rubato: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Slowness beside a steady tempo: each arc begins and ends broad and is quick in the middle, or, now and then, the
    other way round. An arc sums to nothing, so the beat is where it was."""
    deviation = np.zeros_like(score_s)
    start_s = 0.0
    while start_s < score_s[-1]:
        length_s = float(rng.uniform(*ARC_S))
        inside = (score_s >= start_s) & (score_s < start_s + length_s)
        depth = rubato * float(rng.uniform(-0.3, 1.0))
        deviation[inside] = depth * np.cos(2 * np.pi * (score_s[inside] - start_s) / length_s)
        start_s += length_s
    return deviation


def _pauses_s(chords: list[list[Note]], length_s: float) -> list[float]:
    """Score times just before unusually long waits between chords, and the end."""
    onsets = np.array([c[0].onset_s for c in chords] + [length_s])
    waits = np.diff(onsets)
    return [*onsets[:-1][waits > 2.5 * np.median(waits)].tolist(), length_s]


def _swell(rng: np.random.Generator) -> Callable[[float], float]:
    """Slow rise and fall of loudness, within about -1..1."""
    periods_s, phases = rng.uniform(6.0, 25.0, 3), rng.random(3)
    return lambda s: float(np.mean(np.sin(2 * np.pi * (s / periods_s + phases))) * 1.6)


def _struck(chord: list[Note], touch: Touch, clock: _Clock, louder: float, rng: np.random.Generator) -> list[Note]:
    """One chord as fingers play it: rolled upwards, the top note early and singing."""
    start_s = clock(chord[0].onset_s)
    melody = chord[-1] if chord[-1].pitch >= 60 or len(chord) > 1 else None
    played: list[Note] = []
    for index, note in enumerate(chord):
        onset_s = start_s + index * touch.roll_s * rng.uniform(0.3, 1.5) + rng.normal(0.0, touch.jitter_s)
        velocity = touch.accompaniment_velocity + 0.25 * (note.velocity - 75)
        if note is melody:
            onset_s = start_s - touch.melody_lead_s * rng.random()
            velocity = touch.melody_velocity + 0.25 * (note.velocity - 75)
        if note.pitch < 45:
            velocity += 3.0
        end_s = max(clock(note.end_s) + rng.normal(0.0, 0.03), onset_s + 0.06)
        velocity = int(np.clip(velocity + louder + rng.normal(0.0, 3.5), 12, 110))
        played.append(Note(onset_s, note.pitch, end_s - onset_s, velocity))
    return played


def _with_one_finger_a_key(played: Iterable[Note]) -> tuple[Note, ...]:
    """The notes in order; none sounds on while its key is struck again, and none is too short to be played."""
    last: dict[int, int] = {}
    notes: list[Note] = []
    for note in sorted_notes(played):
        if note.pitch in last:
            before = notes[last[note.pitch]]
            held_s = min(before.duration_s, note.onset_s - LET_GO_S - before.onset_s)
            if held_s < SHORTEST_NOTE_S:
                longer_s = max(before.end_s, note.end_s) - before.onset_s
                notes[last[note.pitch]] = replace(
                    before, duration_s=longer_s, velocity=max(before.velocity, note.velocity)
                )
                continue
            notes[last[note.pitch]] = replace(before, duration_s=held_s)
        last[note.pitch] = len(notes)
        notes.append(note)
    return tuple(notes)


def _pedal(chords: list[list[Note]], clock: _Clock, rng: np.random.Generator) -> tuple[PedalSpan, ...]:
    """Changed with each new bass note: up as it is struck, down again a moment later."""
    changes: list[float] = []
    for chord in chords:
        onset_s = clock(chord[0].onset_s)
        if chord[0].pitch < BASS_BELOW_PITCH and (not changes or onset_s - changes[-1] >= SHORTEST_PEDAL_S):
            changes.append(onset_s)
    end_s = clock(max(n.end_s for chord in chords for n in chord)) + 0.5
    spans: list[PedalSpan] = []
    for change_s, next_s in pairwise([*changes, end_s]):
        down_s = change_s + float(rng.uniform(0.04, 0.16))
        up_s = next_s + float(rng.uniform(-0.04, 0.03))
        if up_s - down_s > 0.3 and rng.random() < 0.93:
            spans.append(PedalSpan(max(0.0, down_s), up_s))
    return tuple(spans)
