"""How much playing resembles other playing: distributions of what is played, and how far apart they are.

Each feature is a histogram summed over many phrases. Two are compared by the Jensen-Shannon distance (Endres and
Schindelin 2003), the square root of the divergence in bits: 0 is alike, 1 has nothing in common. Yang and Lerch 2020,
"On the evaluation of generative models in music", compare generated music in like features.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Note, Phrase, sorted_notes
from engine.music.phrases.traits import find_key
from models.performers.quotation.melodic_features import RHYTHM_CLASSES, all_notes, skyline

Counts = NDArray[np.float64]
Histogram = Callable[[Phrase], Counts]

MOST_KEYS: Final = 12
WIDEST_INTERVAL: Final = 14
FRAME_S: Final = 0.05
WAIT_EDGES_S: Final = np.geomspace(0.04, 6.0, 23)
LENGTH_EDGES_S: Final = np.geomspace(0.03, 8.0, 23)
VELOCITY_BIN: Final = 4
"""MIDI velocities in a bin: as fine as the network's own."""
BIGGEST_STEP: Final = 48


def scale_degrees(phrase: Phrase) -> Counts:
    """[12] Time spent on each pitch class above the tonic of the phrase's own key."""
    counts = np.zeros(12)
    tonic = find_key(phrase.notes).tonic if phrase.notes else 0
    for note in phrase.notes:
        counts[(note.pitch - tonic) % 12] += min(note.duration_s, 2.0)
    return counts


def melodic_intervals(phrase: Phrase) -> Counts:
    """[29] Steps of the melody, in semitones from an octave and a tone down to as much up."""
    steps = np.clip(np.diff(skyline(phrase).pitch), -WIDEST_INTERVAL, WIDEST_INTERVAL)
    return np.bincount(steps + WIDEST_INTERVAL, minlength=2 * WIDEST_INTERVAL + 1).astype(float)


def harmonic_intervals(phrase: Phrase) -> Counts:
    """[12] Intervals between neighbouring notes of chords, within an octave."""
    feature = all_notes(phrase)
    inside = np.diff(feature.pitch)[~feature.waits[1:]] if len(feature.pitch) > 1 else np.zeros(0, np.int64)
    return np.bincount(inside % 12, minlength=12).astype(float)


def polyphony(phrase: Phrase) -> Counts:
    """[13] Time during which so many keys are down, from the first note to the last stroke."""
    if not phrase.notes:
        return np.zeros(MOST_KEYS + 1)
    frames = np.arange(phrase.notes[0].onset_s, phrase.notes[-1].onset_s + FRAME_S, FRAME_S)
    onsets = np.array([note.onset_s for note in phrase.notes])
    ends = np.sort([note.end_s for note in phrase.notes])
    down = np.searchsorted(onsets, frames, "right") - np.searchsorted(ends, frames, "right")
    return FRAME_S * np.bincount(np.clip(down, 0, MOST_KEYS), minlength=MOST_KEYS + 1).astype(float)


def waits(phrase: Phrase) -> Counts:
    """[22] Times from one chord or note to the next, on a log scale."""
    onsets = [note.onset_s for note in phrase.notes]
    between = np.diff(onsets)
    return np.histogram(between[between >= WAIT_EDGES_S[0]].clip(max=WAIT_EDGES_S[-1]), WAIT_EDGES_S)[0].astype(float)


def rhythm(phrase: Phrase) -> Counts:
    """[17] Each wait beside the one before: equal, half as long again, twice, …"""
    feature = all_notes(phrase)
    return np.bincount(feature.rhythm[feature.waits][2:], minlength=RHYTHM_CLASSES).astype(float)


def lengths(phrase: Phrase) -> Counts:
    """[22] How long keys are held, on a log scale."""
    held = np.array([note.duration_s for note in phrase.notes]).clip(LENGTH_EDGES_S[0], LENGTH_EDGES_S[-1])
    return np.histogram(held, LENGTH_EDGES_S)[0].astype(float)


def velocities(phrase: Phrase) -> Counts:
    """[32] How hard keys are struck."""
    struck = np.array([note.velocity for note in phrase.notes], np.int64)
    return np.bincount(struck // VELOCITY_BIN, minlength=128 // VELOCITY_BIN).astype(float)


def velocity_steps(phrase: Phrase) -> Counts:
    """[13] By how much loudness changes from one note to the next, either way."""
    steps = np.abs(np.diff([note.velocity for note in phrase.notes]).astype(np.int64)).clip(max=BIGGEST_STEP)
    return np.bincount(steps // VELOCITY_BIN, minlength=BIGGEST_STEP // VELOCITY_BIN + 1).astype(float)


FEATURES: Final[Mapping[str, Histogram]] = {
    "scale degrees": scale_degrees,
    "melodic intervals": melodic_intervals,
    "harmonic intervals": harmonic_intervals,
    "polyphony": polyphony,
    "waits between notes": waits,
    "rhythm": rhythm,
    "note lengths": lengths,
    "velocities": velocities,
    "velocity steps": velocity_steps,
}


KEPT_BY_SHUFFLING: Final = ("waits between notes", "note lengths", "velocities")
"""Features that `shuffled` leaves as they are."""


def distances(phrases: Sequence[Phrase], others: Sequence[Phrase]) -> dict[str, float]:
    """Jensen-Shannon distance, 0..1, of each feature between two lists of phrases."""
    return {name: distance(_summed(phrases, count), _summed(others, count)) for name, count in FEATURES.items()}


def distance(one: Counts, other: Counts) -> float:
    """Jensen-Shannon distance between two histograms of as many bins; 1 where just one of them is empty."""
    if not one.sum() or not other.sum():
        return float(bool(one.sum()) != bool(other.sum()))
    p, q = one / one.sum(), other / other.sum()
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return float(np.sqrt(max(0.0, divergence)))


def shuffled(phrases: Sequence[Phrase], seed: int) -> list[Phrase]:
    """The same pitches, waits, lengths and velocities, each shuffled among all phrases: playing without sense."""
    rng = np.random.default_rng(seed)
    notes = [note for phrase in phrases for note in phrase.notes]
    waits_s = np.concatenate([np.diff([n.onset_s for n in p.notes], prepend=0.0) for p in phrases if p.notes])
    dealt = zip(
        rng.permutation([n.pitch for n in notes]).tolist(),
        rng.permutation(waits_s).tolist(),
        rng.permutation([n.duration_s for n in notes]).tolist(),
        rng.permutation([n.velocity for n in notes]).tolist(),
        strict=True,
    )
    senseless = []
    for phrase in phrases:
        now_s, played = 0.0, []
        for _, (pitch, wait_s, duration_s, velocity) in zip(phrase.notes, dealt, strict=False):
            now_s += wait_s
            played.append(Note(now_s, pitch, duration_s, velocity))
        senseless.append(Phrase(sorted_notes(played)))
    return senseless


def excerpts(pieces: Sequence[Phrase], weights: Sequence[float], seconds: float, count: int, seed: int) -> list[Phrase]:
    """`count` stretches of `seconds` from pieces chosen in proportion to `weights`; too short pieces are left out."""
    rng = np.random.default_rng(seed)
    share = np.array(
        [w if p.length_s > seconds and len(p.notes) > 1 else 0.0 for p, w in zip(pieces, weights, strict=True)]
    )
    if not share.sum():
        return [piece for piece in pieces if piece.notes][:count]
    chosen = rng.choice(len(pieces), count, p=share / share.sum())
    return [excerpt(pieces[i], rng.uniform(0.0, pieces[i].length_s - seconds), seconds) for i in chosen]


def excerpt(piece: Phrase, start_s: float, seconds: float) -> Phrase:
    """The notes that begin within a stretch of a piece, from its first one on."""
    notes = [note for note in piece.notes if start_s <= note.onset_s < start_s + seconds]
    first_s = notes[0].onset_s if notes else 0.0
    return Phrase(tuple(replace(note, onset_s=note.onset_s - first_s) for note in notes))


def nearest_in_density(phrases: Sequence[Phrase], notes_per_s: float, count: int) -> list[Phrase]:
    """The `count` phrases that come nearest to a density."""

    def away(phrase: Phrase) -> float:
        return abs(np.log(max(len(phrase.notes), 1) / max(phrase.length_s, 1.0) / notes_per_s))

    return sorted(phrases, key=away)[:count]


def _summed(phrases: Sequence[Phrase], histogram: Histogram) -> Counts:
    return np.sum([histogram(phrase) for phrase in phrases if phrase.notes], axis=0)


def _relative_entropy(p: Counts, q: Counts) -> float:
    """In bits, where q is positive wherever p is."""
    some = p > 0
    return float((p[some] * np.log2(p[some] / q[some])).sum())
