"""Phrases made by rule, for when no network has one: six small composing machines, seeded, in any scale.

Each follows one idea of the repertoire and writes for the density, length and scale asked for:
`sway` (a bass, a chord on the second beat, a long melody), `ornament` (a free melody with grace notes over a held
fifth), `chorale` (an unmetred theme, bare and then harmonised, voices exchanged), `ninths` (slow parallel ninth
chords), `lamplight` (a quiet late groove), `loops` (tones that return in cycles of unequal length, as tape loops do).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes
from engine.music.phrases.rule_melody import contour, nearest_of, snapped
from engine.music.scale import Scale
from engine.parameters.instruments import general_midi
from engine.parameters.sound import SoundSettings
from engine.seeding import chance

MELODY_LOW: Final = 64
MELODY_HIGH: Final = 88
MELODY_VELOCITY: Final = 66
CHORD_VELOCITY: Final = 46
BASS_VELOCITY: Final = 52


@dataclass(frozen=True, slots=True)
class Task:
    """What a machine is asked for: its scale, notes per second, seconds, and its own chance."""

    scale: Scale
    density_notes_per_s: float
    phrase_s: float
    generator: Random

    def near(self, semitones: int, octave: int) -> int:
        """The scale tone nearest to `semitones` above the root in a MIDI octave (octave 4 holds middle C, 60)."""
        tones = self.scale.tones(0, 127)
        return nearest_of(tones, 12 * (octave + 1) + self.scale.root + semitones)

    def stack(self, bass: int, intervals: Sequence[int], low: int, high: int) -> tuple[int, ...]:
        """Scale tones nearest to `intervals` above `bass`, folded into low..high, none twice, none a semitone apart."""
        chosen: list[int] = []
        for interval in intervals:
            pitch = nearest_of(self.scale.tones(0, 127), bass + interval)
            while pitch < low:
                pitch += 12
            while pitch > high:
                pitch -= 12
            if all(abs(pitch - other) > 1 for other in chosen):
                chosen.append(pitch)
        return tuple(sorted(chosen))


def rule_phrase(seed: int, settings: SoundSettings) -> Phrase:
    """A phrase by one of the machines, chosen by scale, density and instrument; same seed and settings, same phrase."""
    generator = chance(seed, "rule")
    performer = settings.performer
    density = 1.1 * performer.density_notes_per_s  # a phrase's end and breath hold no new notes
    task = Task(Scale.from_settings(settings.scale), density, performer.phrase_s, generator)
    weights = machine_weights(settings)
    name = generator.choices(list(weights), list(weights.values()))[0]
    notes, pedal = MACHINES[name](task)
    return Phrase(_shaped(notes, generator), tuple(pedal), performer=f"rule {name}", seed=seed)


def machine_weights(settings: SoundSettings) -> dict[str, float]:
    """How likely each machine is: what suits the scale, the density and the instrument."""
    scale = Scale.from_settings(settings.scale)
    tones = set(scale.intervals)
    minor, wide = 3 in tones and 4 not in tones, scale.size >= 8
    electric = general_midi(settings.voice.piano.instrument) in ("electric_piano", "vibraphone", "pad")
    sparse = settings.performer.density_notes_per_s <= 1.3
    return {
        "sway": (3.0 if not minor else 1.0) * (0.2 if wide or sparse or electric else 1.0),
        "ornament": (3.0 if minor else 0.3) * (0.2 if wide or sparse or electric else 1.0),
        "chorale": 4.0 if wide else 0.2,
        "ninths": 3.0 if electric else 0.5,
        "lamplight": (0.4 if sparse else 4.0) if electric else 0.1,
        "loops": 4.0 if sparse else 0.2,
    }


Written = tuple[list[Note], list[PedalSpan]]


def sway(task: Task) -> Written:
    """Three slow beats: bass, chord, and a melody that takes its time to enter (after the Gymnopédies)."""
    generator = task.generator
    chord_size = 3 if task.density_notes_per_s > 1.6 else 2
    notes_per_bar = 1 + chord_size + 2.1
    bar_s = min(max(notes_per_bar / task.density_notes_per_s, 1.9), 4.2)
    bars = max(4, round(task.phrase_s / bar_s))
    plans = [(5, 0), (5, 0), (0, 5), (2, 9), (0, 7), (9, 2)]
    first, second = generator.choice(plans[:3]), generator.choice(plans)
    entry = min(generator.choice((0, 2, 2, 4)), bars // 3)
    notes: list[Note] = []
    pedal: list[PedalSpan] = []
    chords: list[tuple[int, ...]] = []
    for bar in range(bars):
        start_s = bar * bar_s
        turn = first if bar % 8 < 5 or bars < 7 else second
        degree = 0 if bar == bars - 1 else turn[bar % 2]
        bass = task.near(degree, 2 if degree < 6 else 1)
        upper = task.stack(bass, (16, 19, 23, 14)[: chord_size + (generator.random() < 0.25)], 54, 69)
        notes.append(Note(start_s, bass, 0.98 * bar_s, BASS_VELOCITY))
        notes += [Note(start_s + bar_s / 3, pitch, 0.64 * bar_s, CHORD_VELOCITY) for pitch in upper]
        pedal.append(PedalSpan(start_s + 0.05, start_s + 0.97 * bar_s))
        chords.append((bass, *upper))
    figure = generator.randrange(len(SWAY_RHYTHMS))
    low = MELODY_LOW + generator.choice((0, 2, 4))
    for bar in range(entry, bars - 3, 4):
        rhythm = SWAY_RHYTHMS[(figure + (bar - entry) // 8) % len(SWAY_RHYTHMS)]
        line = contour(task.scale, len(rhythm), low, MELODY_HIGH - 4, generator)
        for (beat, beats), tone in zip(rhythm, line, strict=True):
            harmony = chords[min(bar + beat // 3, bars - 1)]
            pitch = snapped(tone, harmony, task.scale) if beat % 3 == 0 or beats > 1 else tone
            onset_s = (bar + beat / 3) * bar_s
            notes.append(Note(onset_s, pitch, beats / 3 * bar_s * 0.97, MELODY_VELOCITY + (4 if beats > 1 else 0)))
    return notes, pedal


SWAY_RHYTHMS: Final = (
    ((1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1), (9, 3)),
    ((0, 3), (3, 1), (4, 1), (5, 1), (6, 3), (9, 3)),
    ((1, 2), (3, 2), (5, 1), (6, 3), (9, 2), (11, 1)),
    ((0, 2), (2, 1), (3, 2), (5, 1), (6, 3), (9, 3)),
    ((1, 1), (2, 1), (3, 3), (7, 1), (8, 1), (9, 3)),
)
"""Onset and length in beats over four bars of three."""


def ornament(task: Task) -> Written:
    """A free, singing line with grace notes, said twice and then changed, over a bass and offbeat chords."""
    generator = task.generator
    strikes = (1, 3) if task.density_notes_per_s > 2.0 else (2,)
    chord_size = 3 if task.density_notes_per_s > 1.5 else 2
    beat_s = min(max((1 + len(strikes) * chord_size + 3.6) / task.density_notes_per_s / 4, 0.55), 1.3)
    bars = max(4, round(task.phrase_s / (4 * beat_s)))
    notes: list[Note] = []
    pedal: list[PedalSpan] = []
    cadence = generator.choice(((0, 0, 5, 0), (0, 0, 0, 7), (0, 5, 0, 0), (0, 0, 9, 7)))
    figures = [generator.choice(ORNAMENT_RHYTHMS) for _ in range(2)]
    lines = [contour(task.scale, len(figure), MELODY_LOW + 2, MELODY_HIGH - 6, generator) for figure in figures]
    for bar in range(bars):
        start_s = 4 * bar * beat_s
        degree = 0 if bar in (0, bars - 1) else cadence[(bar // 2) % 4]
        bass = task.near(degree, 2)
        upper = task.stack(bass, (12, 15, 19)[-chord_size:], 53, 67)
        notes.append(Note(start_s, bass, 3.9 * beat_s, BASS_VELOCITY))
        notes += [
            Note(start_s + strike * beat_s, pitch, 0.9 * beat_s, CHORD_VELOCITY - 4)
            for strike in strikes
            for pitch in upper
        ]
        pedal.append(PedalSpan(start_s + 0.05, start_s + 3.9 * beat_s))
        which = (0, 0, 1, 0)[bar % 4] if bars > 4 else bar % 2
        if bar % 8 == 7 or bar == bars - 1:
            continue
        line = list(lines[which])
        line[-1] = snapped(line[-1], (bass, *upper), task.scale)
        for (beat, beats), pitch in zip(figures[which], line, strict=True):
            onset_s = start_s + beat * beat_s
            notes.append(Note(onset_s, pitch, beats * beat_s * 0.98, MELODY_VELOCITY))
            if beats >= 1.0 and generator.random() < 0.35:
                grace = task.scale.move(pitch, generator.choice((1, -1)))
                notes.append(Note(max(0.0, onset_s - 0.09), grace, 0.08, MELODY_VELOCITY - 12))
        if generator.random() < 0.3:
            lines[which] = contour(task.scale, len(figures[which]), MELODY_LOW + 2, MELODY_HIGH - 6, generator)
    return notes, pedal


ORNAMENT_RHYTHMS: Final = (
    ((0.0, 1.5), (1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 1.0)),
    ((0.5, 0.5), (1.0, 0.5), (1.5, 0.5), (2.0, 2.0)),
    ((0.0, 0.5), (0.5, 0.5), (1.0, 1.0), (2.0, 2.0)),
    ((1.0, 1.0), (2.0, 0.5), (2.5, 0.5), (3.0, 1.0)),
    ((0.0, 2.0), (2.0, 1.0), (3.0, 1.0)),
)


def chorale(task: Task) -> Written:
    """A bass theme without metre, alone, then under two voices in parallel, which then change places (Vexations)."""
    generator = task.generator
    length = generator.choice((8, 9, 10, 11, 13))
    theme = contour(task.scale, length, 40, 57, generator, leap=0.4)
    values = [generator.choice((1.0, 1.0, 1.0, 2.0, 1.5)) for _ in range(length - 1)] + [3.0]
    beats = sum(values)
    unit_s = min(max((1 + 3 + 3) * length / 3 / (beats * task.density_notes_per_s), 0.5), 1.4)
    statements = max(2, round(task.phrase_s / (beats * unit_s)))
    notes: list[Note] = []
    pedal: list[PedalSpan] = []
    start_s = 0.0
    for statement in range(statements):
        part = statement % 4
        for index, (bass, value) in enumerate(zip(theme, values, strict=True)):
            held_s = value * unit_s
            notes.append(Note(start_s, bass, 0.97 * held_s, BASS_VELOCITY + 4))
            if part in (1, 3):
                upper = _two_voices(task, bass, exchanged=part == 3)
                notes += [Note(start_s, p, 0.97 * held_s, CHORD_VELOCITY + 10 * (p == upper[-1])) for p in upper]
            if index % 2 == 0 or value >= 2:
                pedal.append(PedalSpan(start_s + 0.06, start_s + 0.9 * held_s))
            start_s += held_s
    return notes, pedal


def _two_voices(task: Task, bass: int, exchanged: bool) -> tuple[int, ...]:
    """A sixth chord over `bass`; exchanged, its lower upper voice stands an octave higher."""
    upper = task.stack(bass, (15, 20), bass + 8, bass + 24)
    return tuple(sorted((upper[0] + 12, *upper[1:]))) if exchanged else upper


def ninths(task: Task) -> Written:
    """Slow ninth chords in parallel, half and quarter, with a few falling notes in between (Sarabandes)."""
    generator = task.generator
    notes_per_bar = 5 + 4 + 1.6
    bar_s = min(max(notes_per_bar / task.density_notes_per_s, 2.4), 5.0)
    bars = max(3, round(task.phrase_s / bar_s))
    roots = generator.choice(((0, 9, 5, 7), (2, 0, 9, 7), (5, 4, 2, 0), (0, 5, 9, 2)))
    notes: list[Note] = []
    pedal: list[PedalSpan] = []
    for bar in range(bars):
        start_s = bar * bar_s
        bass = task.near(roots[bar % 4] if bar < bars - 1 else 0, 2)
        upper = task.stack(bass, (16, 22, 26, 19), 53, 70)
        for number, pitch in enumerate((bass, *upper)):
            notes.append(Note(start_s + 0.025 * number, pitch, 0.97 * bar_s, BASS_VELOCITY - 2 * number))
        pedal.append(PedalSpan(start_s + 0.06, start_s + 0.98 * bar_s))
        if generator.random() < 0.55:
            answer_s = start_s + generator.choice((0.5, 0.625, 0.667)) * bar_s
            notes += [Note(answer_s, pitch, 0.3 * bar_s, CHORD_VELOCITY - 4) for pitch in upper[-3:]]
        if generator.random() < 0.7:
            count = generator.choice((2, 3, 3, 4))
            start = snapped(generator.randint(72, 82), (bass, *upper), task.scale)
            for number in range(count):
                onset_s = start_s + (0.25 + 0.14 * number) * bar_s
                pitch = task.scale.move(start, -number * generator.choice((1, 1, 2)))
                held_s = (0.14 if number < count - 1 else 0.4) * bar_s
                notes.append(Note(onset_s, pitch, held_s, MELODY_VELOCITY - 3 * number))
    return notes, pedal


def lamplight(task: Task) -> Written:
    """Four slow beats: a bass that comes back early, chords off the beat, a short figure said again and changed."""
    generator = task.generator
    chord_size = 3 if task.density_notes_per_s > 2.2 else 2
    figure = generator.choice(LAMPLIGHT_FIGURES)
    bar_s = min(max((2 + 2 * chord_size + 0.75 * len(figure)) / task.density_notes_per_s, 2.6), 4.6)
    bars = max(4, round(task.phrase_s / bar_s))
    roots = generator.choice(((0, 0, 5, 5), (0, 5, 0, 10), (0, 3, 5, 0), (2, 7, 0, 0)))
    line = contour(task.scale, len(figure), 70, 86, generator)
    notes: list[Note] = []
    pedal: list[PedalSpan] = []
    for bar in range(bars):
        start_s, eighth_s = bar * bar_s, bar_s / 8
        bass = task.near(roots[bar % 4] if bar < bars - 1 else 0, 2)
        upper = task.stack(bass, (15, 22, 26)[:chord_size], 54, 70)
        notes.append(Note(start_s, bass, 2.8 * eighth_s, BASS_VELOCITY))
        notes.append(Note(start_s + 3 * eighth_s, bass + (12 if bass < 38 else 0), 4.8 * eighth_s, BASS_VELOCITY - 6))
        for strike, eighths in ((2, 3.0), (6, 1.9)):
            notes += [Note(start_s + strike * eighth_s, p, eighths * eighth_s, CHORD_VELOCITY) for p in upper]
        pedal.append(PedalSpan(start_s + 2 * eighth_s, start_s + 7.8 * eighth_s))
        if bar % 4 == 3 or (bar == 0 and bars > 5):
            continue
        if bar % 4 == 2:
            line = [*line[:-1], task.scale.move(line[-1], generator.choice((-2, -1, 1)))]
        for (place, eighths), pitch in zip(figure, line, strict=True):
            held = snapped(pitch, (bass, *upper), task.scale) if eighths >= 2 else pitch
            notes.append(Note(start_s + place * eighth_s, held, eighths * eighth_s, MELODY_VELOCITY - 2))
    return notes, pedal


LAMPLIGHT_FIGURES: Final = (
    ((1, 1), (2, 1), (3, 3), (6, 2)),
    ((3, 1), (4, 1), (5, 3)),
    ((0, 1), (1, 1), (2, 1), (3, 4)),
    ((4, 1), (5, 1), (6, 1), (7, 2)),
    ((2, 2), (4, 1), (5, 3)),
)
"""Onset and length in eighths of a bar."""


def loops(task: Task) -> Written:
    """Short figures in cycles of unequal, unrelated length, entering one after another; nothing ever lines up twice."""
    generator = task.generator
    bass = task.near(generator.choice((0, 0, 5, 7, 9)), 2)
    tones = task.stack(bass, (12, 19, 16, 26, 31, 35, 28), 50, 84)
    figures: list[tuple[int, ...]] = [(bass,)]
    for tone in generator.sample(tones, min(len(tones), generator.choice((4, 5)))):
        shape = generator.choice(((0,), (0, 1), (0, -1), (0, 2, 1), (0,)))
        figures.append(tuple(task.scale.move(tone, step) for step in shape))
    share = task.density_notes_per_s / len(figures)
    notes: list[Note] = []
    for number, figure in enumerate(figures):
        base_s = len(figure) / share
        period_s = base_s * (0.82 + 0.36 * ((number * 0.618034 + generator.random() * 0.1) % 1.0))
        onset_s = 0.0 if number == 0 else generator.uniform(0.1, 0.95) * min(period_s, task.phrase_s / 3)
        step_s = generator.uniform(0.7, 1.5)
        while onset_s < task.phrase_s:
            for place, pitch in enumerate(figure):
                held_s = min(period_s, 7.0) if place == len(figure) - 1 else step_s * 1.6
                loud = MELODY_VELOCITY - 8 - 3 * place if number else BASS_VELOCITY
                notes.append(Note(onset_s + place * step_s, pitch, held_s, loud))
            onset_s += period_s
    count = math.ceil(task.phrase_s / 6.0)
    return notes, [PedalSpan(6.0 * i, 6.0 * i + 5.8) for i in range(count)]


MACHINES: Final[dict[str, Callable[[Task], Written]]] = {
    "sway": sway,
    "ornament": ornament,
    "chorale": chorale,
    "ninths": ninths,
    "lamplight": lamplight,
    "loops": loops,
}


def _shaped(notes: Sequence[Note], generator: Random) -> tuple[Note, ...]:
    """A swell towards the middle and a slowing at the end. The touch of single notes is a humaniser's."""
    if not notes:
        return ()
    end_s = max(note.onset_s for note in notes) or 1.0
    peak = generator.uniform(0.4, 0.7)
    shaped = []
    for note in sorted_notes(notes):
        place = note.onset_s / end_s
        swell = 1.0 + 0.14 * (1.0 - abs(place - peak) / max(peak, 1.0 - peak)) - 0.07
        late_s = 0.35 * max(0.0, place - 0.85) ** 2 / 0.0225
        velocity = min(max(round(note.velocity * swell), 10), 100)
        held_s = note.duration_s * (1.15 if place > 0.9 else 1.0)
        shaped.append(replace(note, onset_s=note.onset_s + late_s, duration_s=held_s, velocity=velocity))
    return sorted_notes(shaped)
