"""Held chords beneath a phrase, voice-led, and the guitar's arpeggios over them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from engine.music.arranging.lines import bass_line, share
from engine.music.harmony import clashes, settle, shared_s
from engine.music.notes import Note, sorted_notes
from engine.music.scale import Scale

CHORD_LOW: Final = 50
CHORD_HIGH: Final = 74
GUITAR_LOW: Final = 50
GUITAR_HIGH: Final = 76
SHORTEST_CHORD_S: Final = 1.0
LONGEST_TIE_S: Final = 16.0
SHORTEST_STROKE_S: Final = 0.05
"""What is struck again sooner is one stroke, the later one."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one harmony: `tones` are its pitch classes, the weightiest first."""

    start_s: float
    end_s: float
    tones: tuple[int, ...]


def segments(heard: Sequence[Note], scale: Scale, shortest_s: float) -> list[Segment]:
    """The phrase cut where its bass moves, each part with the chord its notes suggest."""
    if not heard:
        return []
    end_s = max(note.end_s for note in heard)
    cuts = [note.onset_s for note in bass_line(heard, shortest_s)]
    cuts = [heard[0].onset_s, *(cut for cut in cuts if heard[0].onset_s + 0.8 < cut < end_s - 0.5)]
    spans = zip(cuts, [*cuts[1:], end_s], strict=True)
    return [Segment(start, end, suggested_chord(heard, scale, start, end)) for start, end in spans]


def suggested_chord(heard: Sequence[Note], scale: Scale, start_s: float, end_s: float) -> tuple[int, ...]:
    """Three or four pitch classes of the scale that carry most of what sounds, none a semitone from another.

    A tone's weight is how long and loud its pitch class sounds in the span; a chord pays for every weighty tone that
    would rub against it, and earns a little for holding a fifth and a third, so thirds win over clusters.
    """
    weights = [0.0] * 12
    span = Note(start_s, 0, max(end_s - start_s, 0.01), 1)
    for note in heard:
        held_s = shared_s(span, note)
        if held_s > 0:
            weights[note.pitch % 12] += held_s * note.velocity / 64
    total = sum(weights) or 1.0
    classes = sorted((scale.root + interval) % 12 for interval in scale.intervals)
    best: tuple[float, tuple[int, ...]] = (-99.0, (scale.root % 12,))
    for count in (3, 4):
        for chord in itertools.combinations(classes, count):
            if any((b - a) % 12 in (1, 11) for a, b in itertools.combinations(chord, 2)):
                continue
            rubbing = sum(weights[(tone + step) % 12] for tone in chord for step in (1, 11))
            worth = (sum(weights[tone] for tone in chord) - 0.8 * rubbing) / total + _shape(chord)
            best = max(best, (round(worth, 9), chord))
    return tuple(sorted(best[1], key=lambda tone: (-weights[tone], tone)))


def _shape(chord: tuple[int, ...]) -> float:
    steps = {(b - a) % 12 for a, b in itertools.permutations(chord, 2)}
    return 0.1 * (7 in steps) + 0.06 * bool(steps & {3, 4}) - 0.12 * (6 in steps) - 0.04 * (len(chord) == 4)


def voicing(tones: Sequence[int], previous: Sequence[int], low: int, high: int) -> tuple[int, ...]:
    """Pitches for pitch classes `tones`, at least a minor third apart, as near to `previous` as possible.

    Low down, where close chords growl, the intervals are wider; if all do not fit, the last tone is left out.
    """
    middle = (low + high) / 2
    best: tuple[float, tuple[int, ...]] | None = None
    choices = [[p for p in range(low, high + 1) if p % 12 == tone] for tone in tones]
    for pitches in itertools.product(*choices):
        chord = tuple(sorted(pitches))
        if any(b - a < _closest(a) for a, b in itertools.pairwise(chord)) or chord[-1] - chord[0] > 19:
            continue
        motion = sum(min(abs(p - q) for q in previous) for p in chord) if previous else 0
        cost = motion + 0.15 * sum(abs(p - middle) for p in chord)
        best = min(best, (cost, chord)) if best else (cost, chord)
    if best is None:
        return voicing(tones[:-1], previous, low, high) if len(tones) > 1 else ()
    return best[1]


def _closest(pitch: int) -> int:
    """Smallest interval that is still clear above a pitch: fifths low down, thirds from C3 on."""
    return 7 if pitch < 43 else 5 if pitch < 48 else 3


def held_chords(
    parts: Sequence[Segment], sounding: Sequence[Note], density: float, octave: int, generator: Random
) -> tuple[Note, ...]:
    """Low chords held through each segment; tones in common are tied, what would rub is moved, cut short or left out.

    The last segment is always offered: its chord bridges the breath after the phrase.
    """
    if density <= 0.0 or not parts:
        return ()
    low, high = CHORD_LOW + 12 * octave, CHORD_HIGH + 12 * octave
    played = share(len(parts), density, generator, run=3)
    played[-1] = True
    chords: list[Note] = []
    previous: tuple[int, ...] = ()
    for part, is_played in zip(parts, played, strict=True):
        if not is_played:
            continue
        previous = voicing(part.tones, previous, low, high)
        for number, pitch in enumerate(previous):
            length_s = part.end_s - part.start_s + (0.1 if part is not parts[-1] else 0.0)
            note = Note(part.start_s + 0.04 * number, pitch, length_s, 44 + 3 * (number == 0))
            near = [p for p in range(low, high + 1) if p % 12 in part.tones and p not in previous]
            near.sort(key=lambda p, home=pitch: (abs(p - home), p))  # type: ignore[misc]
            settled = settle(note, (*sounding, *chords), near, SHORTEST_CHORD_S)
            if settled is not None:
                _tie(chords, settled, sounding)
    return sorted_notes(chords)


def _tie(chords: list[Note], note: Note, sounding: Sequence[Note]) -> None:
    """Add `note`, or lengthen the same pitch if it still sounds and the whole would not rub."""
    for index, before in enumerate(chords):
        if before.pitch == note.pitch and before.end_s >= note.onset_s:
            tied = replace(before, duration_s=max(before.end_s, note.end_s) - before.onset_s)
            others = (*sounding, *(chord for chord in chords if chord is not before))
            if tied.duration_s <= LONGEST_TIE_S and not clashes(tied, others):
                chords[index] = tied
                return
            chords[index] = replace(before, duration_s=note.onset_s - before.onset_s)
    chords[:] = [chord for chord in chords if chord.duration_s >= SHORTEST_STROKE_S]
    chords.append(note)


def guitar(
    parts: Sequence[Segment],
    sounding: Sequence[Note],
    density: float,
    octave: int,
    step_s: float,
    generator: Random,
) -> tuple[Note, ...]:
    """Arpeggios of the segments' chords in a few passages, `step_s` between notes, fading in and out."""
    if density <= 0.0 or not parts:
        return ()
    low, high = GUITAR_LOW + 12 * octave, GUITAR_HIGH + 12 * octave
    plucked: list[Note] = []
    for part, is_played in zip(parts, share(len(parts), density, generator, run=2), strict=True):
        if is_played:
            plucked += _arpeggio(part, (*sounding, *plucked), (low, high), step_s, generator)
    return _let_ring(plucked)


def _arpeggio(
    part: Segment, sounding: Sequence[Note], limits: tuple[int, int], step_s: float, generator: Random
) -> list[Note]:
    tones = [p for p in range(limits[0], limits[1] + 1) if p % 12 in part.tones]
    first = generator.randrange(max(1, len(tones) // 3))
    ladder = tones[first : first + 5]
    if len(ladder) < 2:
        return []
    order = generator.choice([(0, 2, 1, 3, 2, 4), (0, 1, 2, 3, 4, 2), (0, 2, 4, 3, 2, 1), (0, 3, 1, 4, 2, 3)])
    count = max(1, int((part.end_s - part.start_s) / step_s))
    notes: list[Note] = []
    for index in range(count):
        swell = 0.65 + 0.35 * min(1.0, index / 3, (count - index) / 3)
        pitch = ladder[order[index % len(order)] % len(ladder)]
        onset_s = max(0.0, part.start_s + index * step_s + generator.gauss(0.0, 0.008))
        note = Note(onset_s, pitch, 3.0 * step_s, round(46 * swell * generator.uniform(0.9, 1.1)))
        if not clashes(note, (*sounding, *notes)):
            notes.append(note)
    return notes


def _let_ring(notes: Sequence[Note]) -> tuple[Note, ...]:
    """A string plucked again ends its earlier note."""
    kept: list[Note] = []
    last: dict[int, int] = {}
    for note in sorted_notes(notes):
        before = last.get(note.pitch)
        if before is not None and kept[before].end_s > note.onset_s:
            kept[before] = replace(kept[before], duration_s=note.onset_s - kept[before].onset_s)
        last[note.pitch] = len(kept)
        kept.append(note)
    return tuple(note for note in kept if note.duration_s >= SHORTEST_STROKE_S)
