"""Small repairs that make a drawn phrase liveable: each takes a phrase and gives a phrase."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engine.music.harmony import pedalled, ring_s
from engine.music.notes import HIGHEST_PIANO_PITCH, LOWEST_PIANO_PITCH, Note, PedalSpan, Phrase, sorted_notes

FEWEST_NOTES: Final = 4
LONGEST_NOTE_S: Final = 12.0
SHORTEST_NOTE_S: Final = 0.05
LONGEST_HOLD_S: Final = 5.0
LONGEST_GAP_S: Final = 1.2
"""Silence inside a phrase that is kept; a longer one is closed up to this."""
MOST_KEYS: Final = 7
"""Keys held at once; two hands have more fingers, but a quiet room has not."""
MOST_SLOWED: Final = 2.2
THINNING_S: Final = 3.0


def stretched(phrase: Phrase, factor: float) -> Phrase:
    """All times multiplied by `factor`."""
    if factor == 1.0:
        return phrase
    notes = tuple(replace(n, onset_s=n.onset_s * factor, duration_s=n.duration_s * factor) for n in phrase.notes)
    pedal = tuple(PedalSpan(span.start_s * factor, span.end_s * factor) for span in phrase.pedal)
    return replace(phrase, notes=notes, pedal=pedal)


def slowed(phrase: Phrase, density_notes_per_s: float) -> Phrase:
    """A phrase over twice as busy as asked played slower, at most `MOST_SLOWED` times, so less must be left out."""
    span_s = max(phrase.notes[-1].onset_s - phrase.notes[0].onset_s, 1.0)
    ratio = len(phrase.notes) / span_s / density_notes_per_s
    return phrase if ratio <= 2.0 else stretched(phrase, min(ratio / 1.6, MOST_SLOWED))


def let_go(phrase: Phrase) -> Phrase:
    """At most `MOST_KEYS` held at once: before one more is struck, the inner key held longest is released."""
    notes = list(phrase.notes)
    for index, note in enumerate(notes):
        down = [i for i in range(index) if notes[i].end_s > note.onset_s]
        while len(down) >= MOST_KEYS:
            outer = {max(down, key=lambda i: notes[i].pitch), min(down, key=lambda i: notes[i].pitch)}
            tired = next(i for i in down if i not in outer)
            held_s = max(note.onset_s - notes[tired].onset_s, SHORTEST_NOTE_S)
            notes[tired] = replace(notes[tired], duration_s=min(held_s, notes[tired].duration_s))
            down.remove(tired)
    return replace(phrase, notes=tuple(notes))


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
        last[note.pitch] = (note.onset_s, run)
        if since_s < 0.18 or run > 3:
            continue
        kept.append(note)
    return replace(phrase, notes=tuple(kept))


def thin_to(phrase: Phrase, density_notes_per_s: float, slack: float = 1.25) -> Phrase:
    """The least needed notes left out until at most `slack` times the density asked for remains.

    Inner notes of chords go first, then soft and short ones; the outer lines and long notes stay. Every stretch of
    `THINNING_S` keeps its share, so the phrase keeps its pace.
    """
    if not phrase.notes:
        return phrase
    first_s = phrase.notes[0].onset_s
    most = max(FEWEST_NOTES, round(slack * density_notes_per_s * max(phrase.notes[-1].onset_s - first_s, 1.0)))
    if len(phrase.notes) <= most:
        return phrase
    stretches = [
        list(notes)
        for _, notes in itertools.groupby(phrase.notes, key=lambda n: int((n.onset_s - first_s) / THINNING_S))
    ]
    kept: list[Note] = []
    seen = 0
    for stretch in stretches:
        seen += len(stretch)
        room = round(seen * most / len(phrase.notes)) - len(kept)
        ranked = sorted(stretch, key=lambda note: (-_weight(note, phrase.notes), note))
        kept += ranked[:room]
    return replace(phrase, notes=sorted_notes({*kept, phrase.notes[0]}))


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
    """Before a long gap the last notes are held longer; what still is silent beyond `LONGEST_GAP_S` is closed up.

    Silent means unheard: strings that have faded under a held key or pedal count as silent.
    """
    notes = _hold_before_gaps(phrase)
    shifts: list[tuple[float, float]] = []
    moved: list[Note] = []
    end_s, back_s = 0.0, 0.0
    for note, heard in zip(notes, pedalled(notes, phrase.pedal), strict=True):
        gap_s = note.onset_s - end_s
        if moved and gap_s > LONGEST_GAP_S:
            back_s += gap_s - LONGEST_GAP_S
            shifts.append((note.onset_s, back_s))
        end_s = max(end_s, heard.end_s)
        held_s = min(note.duration_s, ring_s(note.pitch))
        moved.append(replace(note, onset_s=note.onset_s - back_s, duration_s=held_s))

    def shifted(time_s: float) -> float:
        return time_s - next((back for onset_s, back in reversed(shifts) if time_s >= onset_s), 0.0)

    pedal = tuple(PedalSpan(shifted(span.start_s), shifted(span.end_s)) for span in phrase.pedal)
    return replace(phrase, notes=sorted_notes(moved), pedal=tuple(s for s in pedal if s.end_s > s.start_s))


def _hold_before_gaps(phrase: Phrase) -> tuple[Note, ...]:
    """Notes that end last before a long silence reach over it, as a pianist waits with the keys down.

    Shorter ones, and those that the pedal fills, stay: a sixth of calm playing is with no key down at all. So does a
    key that is struck once more before the silence: only its last stroke can be held.
    """
    notes = phrase.notes
    heard = pedalled(notes, phrase.pedal)
    held = list(notes)
    held_to_s = heard_to_s = 0.0
    for index in range(1, len(notes)):
        held_to_s = max(held_to_s, held[index - 1].end_s)
        heard_to_s = max(heard_to_s, heard[index - 1].end_s)
        onset_s = notes[index].onset_s
        if onset_s - max(held_to_s, heard_to_s) <= LONGEST_GAP_S:
            continue
        ends_s = held_to_s
        for before in range(max(0, index - 8), index):
            note = held[before]
            struck_again = any(later.pitch == note.pitch for later in notes[before + 1 : index])
            if ends_s - note.end_s < 0.3 and not struck_again:
                held[before] = replace(note, duration_s=min(onset_s - note.onset_s, note.duration_s + LONGEST_HOLD_S))
                held_to_s = max(held_to_s, held[before].end_s)
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
