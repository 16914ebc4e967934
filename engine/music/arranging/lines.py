"""Lines taken from the piano: its bass for the cello, its peaks for the bells.

`heard` is always the piano as it sounds, pedal included (`harmony.pedalled`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final, Literal

from engine.music.harmony import SHARED_S, clashes, lowest_during, settle
from engine.music.notes import Note, sorted_notes
from engine.music.scale import Scale

CELLO_LOW: Final = 36
CELLO_HIGH: Final = 69
BELLS_LOW: Final = 72
BELLS_HIGH: Final = 100
TOGETHER_S: Final = 0.06
LEGATO_S: Final = 0.12
LONGEST_BOW_S: Final = 9.0
SHORTEST_BOW_S: Final = 0.7


def share(count: int, density: float, generator: Random, run: int) -> list[bool]:
    """Which of `count` things in a row are played: `density` of them, in runs, so a line enters and leaves."""
    wanted = round(count * density) if density < 1.0 else count
    if density > 0.0 and count and wanted == 0:
        wanted = int(generator.random() < count * density)
    played = [False] * count
    starts = list(range(0, count, run))
    generator.shuffle(starts)
    for start in starts:
        for index in range(start, min(start + run, count)):
            if wanted > 0:
                played[index] = True
                wanted -= 1
    return played


def bass_line(heard: Sequence[Note], shortest_s: float) -> list[Note]:
    """The lowest line of the piano, at most one note per `shortest_s`; the lowest of what comes quicker.

    A note belongs to it when nothing lower sounds as it begins nor begins shortly after, and when it does not leap
    far above a bass that has only just been left (the chord on the second beat is no bass).
    """
    line: list[Note] = []
    for note in heard:
        start_s = note.onset_s
        lower = lowest_during(heard, start_s + 0.02, start_s + 0.3)
        if lower is not None and lower < note.pitch:
            continue
        if line and note.pitch > line[-1].pitch + 7 and start_s - line[-1].onset_s < max(2.0, shortest_s):
            continue
        if line and start_s - line[-1].onset_s < shortest_s:
            if note.pitch < line[-1].pitch and start_s - line[-1].onset_s < 0.5 * shortest_s:
                line[-1] = note
            continue
        line.append(note)
    return line


def cello(heard: Sequence[Note], scale: Scale, density: float, octave: int, generator: Random) -> tuple[Note, ...]:
    """The bass, bowed: long legato notes in C2..A4, never above the piano's lowest sounding note unless doubling it."""
    if density <= 0.0 or not heard:
        return ()
    low, high = CELLO_LOW + 12 * octave, CELLO_HIGH + 12 * octave
    bass = bass_line(heard, 2.6 - 1.2 * density)
    played = share(len(bass), density, generator, run=4)
    end_s = max(note.end_s for note in heard)
    line: list[Note] = []
    previous = 48 + 12 * octave
    for index, note in enumerate(bass):
        if not played[index]:
            continue
        until_s = bass[index + 1].onset_s if index + 1 < len(bass) else end_s
        bow_s = min(until_s - note.onset_s + LEGATO_S, LONGEST_BOW_S)
        velocity = min(max(round(0.75 * note.velocity + 10), 20), 80)
        bowed = _bow(Note(note.onset_s, note.pitch, bow_s, velocity), heard, scale, (low, high), previous)
        if bowed is not None:
            previous = bowed.pitch
            line.append(bowed)
    return _tied(line, heard)


def _bow(note: Note, heard: Sequence[Note], scale: Scale, limits: tuple[int, int], previous: int) -> Note | None:
    """`note` in the octave nearest to `previous`, kept under the piano, consonant; None if it cannot be had."""
    low, high = limits
    doubles = [p for p in range(low, high + 1) if (p - note.pitch) % 12 == 0]
    doubles.sort(key=lambda p: (abs(p - previous), p))
    others = [p for p in scale.tones(low, high) if abs(p - previous) <= 5]
    others.sort(key=lambda p: (abs(p - previous), p))
    for pitch in (*doubles, *others):
        under = kept_under(replace(note, pitch=pitch), heard)
        if under is None:
            continue
        bowed = settle(under, heard, (), SHORTEST_BOW_S)
        if bowed is not None and bowed.duration_s >= min(SHORTEST_BOW_S, note.duration_s):
            return bowed
    return None


def kept_under(note: Note, heard: Sequence[Note]) -> Note | None:
    """`note` ended where the piano goes below it; None where the piano is below it from the start.

    Doubling the lowest note an octave higher counts as unison while that note lies below the cello's range.
    """
    for other in heard:
        begins_s = max(other.onset_s, note.onset_s)
        if other.pitch >= note.pitch or begins_s >= note.end_s or other.end_s - begins_s <= SHARED_S:
            continue
        if other.pitch < CELLO_LOW and (note.pitch - other.pitch) % 12 == 0:
            continue
        if begins_s - note.onset_s < SHORTEST_BOW_S:
            return None
        note = replace(note, duration_s=begins_s - note.onset_s)
    return note


def _tied(line: Sequence[Note], heard: Sequence[Note]) -> tuple[Note, ...]:
    """Neighbours of one pitch become one bow; no two notes of the line overlap by more than the legato."""
    tied: list[Note] = []
    for note in line:
        if tied and tied[-1].end_s > note.onset_s + LEGATO_S:
            tied[-1] = replace(tied[-1], duration_s=note.onset_s + LEGATO_S - tied[-1].onset_s)
        if tied and tied[-1].pitch == note.pitch and tied[-1].end_s >= note.onset_s:
            bowed = replace(tied[-1], duration_s=note.end_s - tied[-1].onset_s)
            if bowed.duration_s <= 1.5 * LONGEST_BOW_S and not clashes(bowed, heard):
                tied[-1] = bowed
                continue
            tied[-1] = replace(tied[-1], duration_s=note.onset_s - tied[-1].onset_s)
        tied.append(note)
    return sorted_notes(tied)


def top_line(heard: Sequence[Note]) -> list[Note]:
    """The melody: notes with nothing higher beginning with them or already sounding loudly above."""
    line = []
    for note in heard:
        above = any(
            other.pitch > note.pitch
            and (abs(other.onset_s - note.onset_s) < TOGETHER_S or other.onset_s < note.onset_s < other.onset_s + 0.5)
            for other in heard
        )
        if not above and note.pitch >= 55:
            line.append(note)
    return line


BellsOn = Literal["character", "accents"]


def bells(
    heard: Sequence[Note],
    others: Sequence[Note],
    scale: Scale,
    density: float,
    octave: int,
    generator: Random,
    on: BellsOn = "character",
) -> tuple[Note, ...]:
    """Notes of the melody an octave or two up, sparse at any density: its peaks and long accents, or its loudest.

    `others` are the lines that sound beside the piano.
    """
    melody = top_line(heard)
    if density <= 0.0 or not melody:
        return ()
    offered: list[Note] = []
    stands_out = _character if on == "character" else _accent
    for note in sorted(melody, key=lambda n: (-stands_out(n, melody), n)):
        if all(abs(note.onset_s - other.onset_s) >= 2.4 for other in offered):
            offered.append(note)
    wanted = round(len(offered) * density) or int(generator.random() < len(offered) * density)
    rung: list[Note] = []
    low, high = BELLS_LOW + 12 * octave, min(BELLS_HIGH + 12 * octave, 108)
    for note in sorted_notes(offered[:wanted]):
        pitch = note.pitch + 12
        while pitch < low:
            pitch += 12
        while pitch > high:
            pitch -= 12
        velocity = min(max(round(0.55 * note.velocity * generator.uniform(0.85, 1.1)), 12), 64)
        bell = Note(note.onset_s + generator.uniform(0.0, 0.03), pitch, 3.0, velocity)
        sounding = (*heard, *others, *rung)
        settled = settle(bell, sounding, _near_tones(scale, pitch, low, high), 1.2)
        if settled is not None:
            rung.append(settled)
    return _one_at_a_time(rung)


def _character(note: Note, melody: Sequence[Note]) -> float:
    """How much a melody note stands out: above its neighbours, long, loud."""
    near = [other for other in melody if other is not note and abs(other.onset_s - note.onset_s) < 2.5]
    above = note.pitch - max((other.pitch for other in near), default=note.pitch - 3)
    louder = note.velocity - sum(other.velocity for other in near) / max(len(near), 1) if near else 0.0
    return 0.5 * above + min(note.duration_s, 4.0) + 0.06 * louder


def _accent(note: Note, melody: Sequence[Note]) -> float:
    """How much louder a melody note is than those around it."""
    near = [other.velocity for other in melody if other is not note and abs(other.onset_s - note.onset_s) < 2.5]
    return note.velocity - sum(near) / len(near) if near else 0.0


def _near_tones(scale: Scale, pitch: int, low: int, high: int) -> list[int]:
    tones = [p for p in scale.tones(low, high) if 0 < abs(p - pitch) <= 5]
    return sorted(tones, key=lambda p: (abs(p - pitch), p))


def _one_at_a_time(line: Sequence[Note]) -> tuple[Note, ...]:
    """A key struck again ends its earlier note."""
    kept: list[Note] = []
    for note in sorted_notes(line):
        for index, before in enumerate(kept):
            if before.pitch == note.pitch and before.end_s > note.onset_s:
                kept[index] = replace(before, duration_s=note.onset_s - before.onset_s)
        kept.append(note)
    return sorted_notes(kept)
