"""The musical filter: refuses phrases nobody would keep in a room, and repairs the small things.

A performer network is asked politely and answers as it pleases: it may stop playing, hold a key for a minute, hammer
one note, or lay its whole arm on the keyboard. What remains is cut, held and thinned until it can be lived with.
"""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from engine.harmony import pedalled
from engine.notes import HIGHEST_PIANO_PITCH, LOWEST_PIANO_PITCH, Note, PedalSpan, Phrase, sorted_notes

LONGEST_NOTE_S: Final = 12.0
STUCK_NOTE_S: Final = 25.0
SHORTEST_NOTE_S: Final = 0.05
LONGEST_GAP_S: Final = 1.2
"""Silence inside a phrase that is kept; a longer one is closed up to this."""
HOPELESS_GAP_S: Final = 8.0
FEWEST_NOTES: Final = 4
MOST_CLUSTERED: Final = 0.2
MOST_HAMMERED: Final = 0.34
MOST_OUT_OF_RANGE: Final = 0.25
DENSEST_RATIO: Final = 5.0
"""A phrase this many times busier than asked loses its sense when thinned."""
SPARSEST_RATIO: Final = 0.2


class Reason(StrEnum):
    """Why a phrase is refused."""

    EMPTY = "fewer than four notes"
    STUCK_NOTE = "a note is held far too long"
    LONG_SILENCE = "a long silence"
    TOO_SHORT = "far shorter than asked"
    CLUSTERS = "clusters of neighbouring keys"
    HAMMERING = "one key struck over and over"
    TOO_DENSE = "far busier than the mood"
    TOO_SPARSE = "far emptier than the mood"
    OUT_OF_RANGE = "outside the piano"


class Repair(StrEnum):
    """What was mended."""

    LEADING_SILENCE = "leading silence trimmed"
    LONG_NOTE = "overlong notes cut"
    GAP = "silence closed"
    VELOCITY = "outlying velocities softened"
    THINNED = "thinned"
    REPEATS = "repeated notes left out"
    RANGE = "notes brought into the piano's range"
    PEDAL = "pedal released"
    CUT = "cut to the length asked for"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`phrase` is the mended phrase, or None when `reasons` say why it is refused."""

    phrase: Phrase | None
    reasons: tuple[Reason, ...] = ()
    repairs: tuple[Repair, ...] = ()


def judge(phrase: Phrase, density_notes_per_s: float, phrase_s: float) -> Verdict:
    """Refuse or mend `phrase`, which was asked to be `phrase_s` long with that many notes per second."""
    reasons = reasons_against(phrase, density_notes_per_s, phrase_s)
    if reasons:
        return Verdict(None, reasons)
    steps = (
        (Repair.RANGE, fold_into_range),
        (Repair.LEADING_SILENCE, trim_leading_silence),
        (Repair.CUT, lambda p: cut_to_length(p, phrase_s)),
        (Repair.LONG_NOTE, cap_long_notes),
        (Repair.REPEATS, drop_quick_repeats),
        (Repair.THINNED, lambda p: thin_to(p, density_notes_per_s)),
        (Repair.VELOCITY, soften_velocities),
        (Repair.GAP, close_gaps),
        (Repair.PEDAL, release_pedal),
    )
    repairs = []
    for repair, step in steps:
        mended = step(phrase)
        if mended != phrase:
            repairs.append(repair)
        phrase = mended
    if len(phrase.notes) < FEWEST_NOTES:
        return Verdict(None, (Reason.EMPTY,), tuple(repairs))
    return Verdict(phrase, (), tuple(repairs))


def reasons_against(phrase: Phrase, density_notes_per_s: float, phrase_s: float) -> tuple[Reason, ...]:
    """Everything that speaks against keeping `phrase`; empty when nothing does."""
    notes = phrase.notes
    if len(notes) < FEWEST_NOTES:
        return (Reason.EMPTY,)
    span_s = max(notes[-1].onset_s - notes[0].onset_s, 0.1)
    ratio = len(notes) / span_s / density_notes_per_s
    found = {
        Reason.STUCK_NOTE: max(note.duration_s for note in notes) > STUCK_NOTE_S,
        Reason.LONG_SILENCE: longest_gap_s(notes) > HOPELESS_GAP_S,
        Reason.TOO_SHORT: span_s < 0.3 * phrase_s,
        Reason.CLUSTERS: share_clustered(notes) > MOST_CLUSTERED,
        Reason.HAMMERING: share_hammered(notes) > MOST_HAMMERED,
        Reason.TOO_DENSE: ratio > DENSEST_RATIO,
        Reason.TOO_SPARSE: ratio < SPARSEST_RATIO,
        Reason.OUT_OF_RANGE: share_out_of_range(notes) > MOST_OUT_OF_RANGE,
    }
    return tuple(reason for reason, holds in found.items() if holds)


def longest_gap_s(notes: Sequence[Note]) -> float:
    """Longest time after the first onset in which no key is down."""
    longest_s, end_s = 0.0, notes[0].onset_s if notes else 0.0
    for note in notes:
        longest_s = max(longest_s, note.onset_s - end_s)
        end_s = max(end_s, note.end_s)
    return longest_s


def share_clustered(notes: Sequence[Note]) -> float:
    """Share of notes struck together (within 60 ms) with keys a semitone away, or with two a tone away."""
    clustered = 0
    for index, note in enumerate(notes):
        near = [other for other in notes[max(0, index - 12) : index + 13] if abs(other.onset_s - note.onset_s) < 0.06]
        steps = [abs(other.pitch - note.pitch) for other in near if other.pitch != note.pitch]
        clustered += min(steps, default=12) == 1 or sum(step <= 2 for step in steps) >= 2
    return clustered / max(len(notes), 1)


def share_hammered(notes: Sequence[Note]) -> float:
    """Share of notes that repeat their key for the third time or more within 0.6 s steps, or rule the whole phrase."""
    last: dict[int, tuple[float, int]] = {}
    hammered = 0
    for note in notes:
        onset_s, run = last.get(note.pitch, (-10.0, 0))
        run = run + 1 if note.onset_s - onset_s < 0.6 else 1
        last[note.pitch] = (note.onset_s, run)
        hammered += run >= 3
    commonest = Counter(note.pitch for note in notes).most_common(1)[0][1]
    ruled = commonest / len(notes) if len(notes) >= 8 and commonest > 0.5 * len(notes) else 0.0
    return max(hammered / len(notes), ruled)


def share_out_of_range(notes: Sequence[Note]) -> float:
    outside = sum(not LOWEST_PIANO_PITCH <= note.pitch <= HIGHEST_PIANO_PITCH for note in notes)
    return outside / max(len(notes), 1)


def fold_into_range(phrase: Phrase) -> Phrase:
    """Notes beyond the 88 keys moved by octaves until they fit."""

    def folded(pitch: int) -> int:
        while pitch < LOWEST_PIANO_PITCH:
            pitch += 12
        while pitch > HIGHEST_PIANO_PITCH:
            pitch -= 12
        return pitch

    return replace(phrase, notes=sorted_notes(replace(n, pitch=folded(n.pitch)) for n in phrase.notes))


def trim_leading_silence(phrase: Phrase) -> Phrase:
    """The first note begins at 0; a pedal already down stays down."""
    first_s = phrase.notes[0].onset_s
    if first_s <= 0.0:
        return phrase
    notes = tuple(replace(note, onset_s=note.onset_s - first_s) for note in phrase.notes)
    pedal = tuple(
        PedalSpan(max(0.0, span.start_s - first_s), span.end_s - first_s)
        for span in phrase.pedal
        if span.end_s > first_s
    )
    return replace(phrase, notes=notes, pedal=pedal)


def cut_to_length(phrase: Phrase, phrase_s: float) -> Phrase:
    """At most 1.3 times the length asked for, cut before the widest breath near the end."""
    longest_s = 1.3 * phrase_s
    if phrase.notes[-1].onset_s <= longest_s:
        return phrase
    onsets = sorted({note.onset_s for note in phrase.notes})
    breaths = [(b - a, b) for a, b in itertools.pairwise(onsets) if 0.8 * phrase_s <= b <= longest_s]
    end_s = max(breaths)[1] if breaths else longest_s
    notes = tuple(note for note in phrase.notes if note.onset_s < end_s - 1e-9)
    return replace(phrase, notes=notes, pedal=tuple(span for span in phrase.pedal if span.start_s < end_s))


def cap_long_notes(phrase: Phrase) -> Phrase:
    """No key is held beyond `LONGEST_NOTE_S` (a piano has faded by then), none shorter than 50 ms."""
    notes = tuple(
        replace(note, duration_s=min(max(note.duration_s, SHORTEST_NOTE_S), LONGEST_NOTE_S)) for note in phrase.notes
    )
    return replace(phrase, notes=notes)


def drop_quick_repeats(phrase: Phrase) -> Phrase:
    """A key struck again within 0.18 s is left out; two calm repeats stay, a fourth in a row within 0.6 s does not."""
    kept: list[Note] = []
    last: dict[int, tuple[float, int]] = {}
    for note in phrase.notes:
        onset_s, run = last.get(note.pitch, (-10.0, 0))
        since_s = note.onset_s - onset_s
        run = run + 1 if since_s < 0.6 else 1
        if since_s < 0.18 or run > 3:
            continue
        last[note.pitch] = (note.onset_s, run)
        kept.append(note)
    return replace(phrase, notes=tuple(kept))


def thin_to(phrase: Phrase, density_notes_per_s: float, slack: float = 1.25) -> Phrase:
    """The least needed notes left out until at most `slack` times the density asked for remains.

    Inner notes of chords go first, then soft and short ones; the outer lines and long notes stay.
    """
    if not phrase.notes:
        return phrase
    span_s = max(phrase.notes[-1].onset_s - phrase.notes[0].onset_s, 1.0)
    most = max(FEWEST_NOTES, round(slack * density_notes_per_s * span_s))
    if len(phrase.notes) <= most:
        return phrase
    ranked = sorted(phrase.notes, key=lambda note: (-_weight(note, phrase.notes), note))
    kept = set(ranked[:most]) | {phrase.notes[0]}
    return replace(phrase, notes=tuple(note for note in phrase.notes if note in kept))


def _weight(note: Note, notes: Sequence[Note]) -> float:
    """How much a phrase would miss `note`: outer lines, length and loudness count."""
    around = [other.pitch for other in notes if other.onset_s < note.onset_s + 0.12 and other.end_s > note.onset_s]
    outer = 1.0 if note.pitch >= max(around) else 0.9 if note.pitch <= min(around) else 0.0
    return outer + 0.5 * min(note.duration_s, 3.0) / 3.0 + 0.4 * note.velocity / 127


def soften_velocities(phrase: Phrase) -> Phrase:
    """Velocities within 22 of the phrase's median: nothing jumps out of the wall."""
    middle = statistics.median(note.velocity for note in phrase.notes)
    low, high = max(1, round(middle - 22)), min(127, round(middle + 22))
    return replace(
        phrase, notes=tuple(replace(note, velocity=min(max(note.velocity, low), high)) for note in phrase.notes)
    )


def close_gaps(phrase: Phrase) -> Phrase:
    """Before a gap the last notes are held longer; what still is silent beyond `LONGEST_GAP_S` is closed up.

    Silent means unheard: strings that have faded under a held key or pedal count as silent.
    """
    notes = _hold_before_gaps(phrase.notes)
    shifts: list[tuple[float, float]] = []
    moved: list[Note] = []
    end_s, back_s = 0.0, 0.0
    for note, heard in zip(notes, pedalled(notes, phrase.pedal), strict=True):
        gap_s = note.onset_s - end_s
        if moved and gap_s > LONGEST_GAP_S:
            back_s += gap_s - LONGEST_GAP_S
            shifts.append((note.onset_s, back_s))
        end_s = max(end_s, heard.end_s)
        moved.append(replace(note, onset_s=note.onset_s - back_s))

    def shifted(time_s: float) -> float:
        return time_s - next((back for onset_s, back in reversed(shifts) if time_s >= onset_s), 0.0)

    pedal = tuple(PedalSpan(shifted(span.start_s), shifted(span.end_s)) for span in phrase.pedal)
    return replace(phrase, notes=sorted_notes(moved), pedal=tuple(s for s in pedal if s.end_s > s.start_s))


def _hold_before_gaps(notes: Sequence[Note], longest_hold_s: float = 5.0) -> tuple[Note, ...]:
    """Notes that end last before a silence reach over it, as a pianist waits with the keys down."""
    held = list(notes)
    for index in range(1, len(notes)):
        onset_s = notes[index].onset_s
        end_s = max(note.end_s for note in held[:index])
        if onset_s - end_s < 0.05:
            continue
        for before in range(max(0, index - 8), index):
            note = held[before]
            if end_s - note.end_s < 0.3:
                held[before] = replace(note, duration_s=min(onset_s - note.onset_s, note.duration_s + longest_hold_s))
    return sorted_notes(held)


def release_pedal(phrase: Phrase) -> Phrase:
    """The pedal is up 2 s after the last onset or at the last release, and never held beyond 8 s at a stretch."""
    last_s = max(phrase.notes[-1].onset_s + 2.0, *(note.end_s for note in phrase.notes))
    pedal: list[PedalSpan] = []
    for span in phrase.pedal:
        start_s, end_s = span.start_s, min(span.end_s, last_s)
        while end_s - start_s > 8.0:
            pedal.append(PedalSpan(start_s, start_s + 5.8))
            start_s += 6.0
        if end_s > start_s:
            pedal.append(PedalSpan(start_s, end_s))
    return replace(phrase, pedal=tuple(pedal))
