"""The musical filter: refuses phrases that do not belong in a room, and repairs small faults.

A performer network is asked politely and answers as it pleases: it may stop playing, hold a key for a minute, hammer
one note, or lay its whole arm on the keyboard. What remains is cut, held and thinned until it can be lived with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.music.notes import HIGHEST_PIANO_PITCH, LOWEST_PIANO_PITCH, Note, Phrase
from engine.music.phrases.circling import share_circling
from engine.music.phrases.repair import (
    FEWEST_NOTES,
    cap_long_notes,
    close_gaps,
    cut_to_length,
    drop_quick_repeats,
    fold_into_range,
    let_go,
    release_pedal,
    slowed,
    soften_velocities,
    thin_to,
    trim_leading_silence,
)
from engine.parameters.scales import MODES

STUCK_NOTE_S: Final = 25.0
HOPELESS_GAP_S: Final = 8.0
MOST_CLUSTERED: Final = 0.2
MOST_HAMMERED: Final = 0.34
MOST_CIRCLING: Final = 0.34
"""In 1 % of excerpts of 26 s that Satie's pianists learnt, and in 2 % of rolls, more of the notes go round in circles;
in what the pianists draw it is one in eight."""
MOST_OUT_OF_RANGE: Final = 0.25
DENSEST_RATIO: Final = 8.0
"""A phrase this many times busier than asked loses its sense when thinned."""
SPARSEST_RATIO: Final = 0.2
LEAST_IN_KEY: Final = 0.74
"""Share of a phrase, by length and loudness, that its best major or minor key (or the scale asked for) must hold.

Romantic piano music, twenty seconds at a time, has 0.83 to 1; notes thrown at random about 0.7.
"""


class Reason(StrEnum):
    """Why a phrase is refused."""

    EMPTY = "fewer than four notes"
    STUCK_NOTE = "a note is held far too long"
    LONG_SILENCE = "a long silence"
    TOO_SHORT = "far shorter than asked"
    CLUSTERS = "clusters of neighbouring keys"
    HAMMERING = "one key struck over and over"
    CIRCLING = "the same few notes over and over"
    TOO_DENSE = "far busier than the mood"
    TOO_SPARSE = "far emptier than the mood"
    OUT_OF_RANGE = "outside the piano"
    NO_KEY = "in no key at all"


class Repair(StrEnum):
    """What was mended."""

    LEADING_SILENCE = "leading silence trimmed"
    LONG_NOTE = "overlong notes cut"
    GAP = "silence closed"
    VELOCITY = "outlying velocities softened"
    LET_GO = "keys let go"
    SLOWED = "slowed"
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


def judge(
    phrase: Phrase,
    density_notes_per_s: float,
    phrase_s: float,
    pitch_class_weights: Sequence[float] | None = None,
    primer: Sequence[Note] = (),
) -> Verdict:
    """Refuse or mend `phrase`, which was asked to be `phrase_s` long with that many notes per second.

    `pitch_class_weights` (twelve from C) are those it was asked for, if any: see `LEAST_IN_KEY`. What goes on from a
    `primer` may go round in circles as much as that does.
    """
    reasons = reasons_against(phrase, density_notes_per_s, phrase_s, pitch_class_weights, primer)
    if reasons:
        return Verdict(None, reasons)
    steps: tuple[tuple[Repair, Callable[[Phrase], Phrase]], ...] = (
        (Repair.RANGE, fold_into_range),
        (Repair.LEADING_SILENCE, trim_leading_silence),
        (Repair.SLOWED, lambda p: slowed(p, density_notes_per_s)),
        (Repair.CUT, lambda p: cut_to_length(p, phrase_s)),
        (Repair.LONG_NOTE, cap_long_notes),
        (Repair.REPEATS, drop_quick_repeats),
        (Repair.THINNED, lambda p: thin_to(p, density_notes_per_s)),
        (Repair.LET_GO, let_go),
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


def reasons_against(
    phrase: Phrase,
    density_notes_per_s: float,
    phrase_s: float,
    pitch_class_weights: Sequence[float] | None = None,
    primer: Sequence[Note] = (),
) -> tuple[Reason, ...]:
    """Everything that speaks against keeping `phrase`; empty when nothing does."""
    notes = phrase.notes
    if len(notes) < FEWEST_NOTES:
        return (Reason.EMPTY,)
    span_s = max(notes[-1].onset_s - notes[0].onset_s, 0.1)
    ratio = len(notes) / span_s / density_notes_per_s
    found = {
        Reason.STUCK_NOTE: max(note.duration_s for note in notes) > STUCK_NOTE_S,
        Reason.LONG_SILENCE: longest_gap_s(notes) > HOPELESS_GAP_S,
        Reason.TOO_SHORT: slowed(phrase, density_notes_per_s).notes[-1].onset_s < 0.3 * phrase_s,
        Reason.CLUSTERS: share_clustered(notes) > MOST_CLUSTERED,
        Reason.HAMMERING: share_hammered(notes) > MOST_HAMMERED,
        Reason.CIRCLING: share_circling(notes) > max(MOST_CIRCLING, share_circling(primer)),
        Reason.TOO_DENSE: ratio > DENSEST_RATIO,
        Reason.TOO_SPARSE: ratio < SPARSEST_RATIO,
        Reason.OUT_OF_RANGE: share_out_of_range(notes) > MOST_OUT_OF_RANGE,
        Reason.NO_KEY: share_in_key(notes, pitch_class_weights) < LEAST_IN_KEY,
    }
    return tuple(reason for reason, holds in found.items() if holds)


def share_in_key(notes: Sequence[Note], pitch_class_weights: Sequence[float] | None = None) -> float:
    """Share of the notes, by length and loudness, within the best of 24 keys, or within the weightier pitch classes."""
    shares = [0.0] * 12
    for note in notes:
        shares[note.pitch % 12] += min(note.duration_s, 2.0) * note.velocity
    keys = [{(root + step) % 12 for step in MODES[mode]} for root in range(12) for mode in ("major", "harmonic_minor")]
    if pitch_class_weights is not None:
        keys.append(
            {pc for pc, weight in enumerate(pitch_class_weights) if weight > 0.5 * max(pitch_class_weights) - 1e-9}
        )
    return max(sum(shares[pc] for pc in key) for key in keys) / max(sum(shares), 1e-9)


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
