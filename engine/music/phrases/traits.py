"""What a phrase is like, found by analysis: its key, its pace, how dense, how high and how loud it is.

Pure functions of notes. The conductor compares traits to find a phrase that may follow another; the phrase store keeps
them beside the notes for whoever reads its files.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from engine.music.beat import find_beat
from engine.music.notes import Note

Mode = Literal["major", "minor"]

PROFILES: Final[Mapping[Mode, tuple[float, ...]]] = {
    "major": (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
    "minor": (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0),
}
"""How well each step above the tonic fits a key: Temperley 1999, "What's Key for Key?"."""

CERTAIN_MARGIN: Final = 0.12
"""A key whose correlation leads the next best by this much is as sure as it gets."""
LONGEST_COUNTED_S: Final = 2.0
"""Of a held note only this much counts for the key; a piano has faded then."""
CHORD_S: Final = 0.04


@dataclass(frozen=True, slots=True)
class Key:
    """Tonic as a pitch class 0..11 from C, and how sure it is, 0..1."""

    tonic: int
    mode: Mode
    confidence: float

    @property
    def name(self) -> str:
        """For people: "D major", "F# minor"."""
        return f"{('C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B')[self.tonic]} {self.mode}"


@dataclass(frozen=True, slots=True)
class Traits:
    """A phrase in a few numbers.

    `beat_s` is the period of its beat, None where none is steady. `wait_s` is the usual time from one chord or note to
    the next. `register_pitch` is its middle by length and loudness, as a MIDI number.
    """

    key: Key
    beat_s: float | None
    wait_s: float
    density_notes_per_s: float
    register_pitch: float
    lowest_pitch: int
    highest_pitch: int
    velocity: float

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "key_name": self.key.name}


def traits_of(notes: Sequence[Note]) -> Traits:
    """The traits of a phrase's notes, which are sorted by onset.

    Raises:
        ValueError: there are no notes.
    """
    if not notes:
        raise ValueError("expected at least one note; of silence there are no traits")
    weights = [_weight(note) for note in notes]
    span_s = max(notes[-1].onset_s - notes[0].onset_s, 1.0)
    waits_s = [b.onset_s - a.onset_s for a, b in pairwise(notes)]
    beat = find_beat(notes, notes[0].onset_s)
    return Traits(
        key=find_key(notes),
        beat_s=round(beat.period_s, 3) if beat else None,
        wait_s=round(statistics.median([w for w in waits_s if w >= CHORD_S] or [span_s]), 3),
        density_notes_per_s=round(len(notes) / span_s, 3),
        register_pitch=round(sum(n.pitch * w for n, w in zip(notes, weights, strict=True)) / sum(weights), 2),
        lowest_pitch=min(note.pitch for note in notes),
        highest_pitch=max(note.pitch for note in notes),
        velocity=round(statistics.fmean(note.velocity for note in notes), 1),
    )


def find_key(notes: Sequence[Note]) -> Key:
    """The key whose profile the pitch classes, by length and loudness, resemble most (Krumhansl and Schmuckler 1990).

    The lowest and the last notes count double: music mostly rests on its tonic.
    """
    shares = [0.0] * 12
    for note in notes:
        shares[note.pitch % 12] += _weight(note)
    for note in _resting(notes):
        shares[note.pitch % 12] += _weight(note)
    ranked = sorted(
        (
            (_correlation(shares, profile, tonic), tonic, mode)
            for mode, profile in PROFILES.items()
            for tonic in range(12)
        ),
        reverse=True,
    )
    (best, tonic, mode), (second, _, _) = ranked[:2]
    confidence = max(0.0, best) * min(1.0, (best - second) / CERTAIN_MARGIN)
    return Key(tonic, mode, round(confidence, 3))


def key_distance(one: Key, other: Key) -> float:
    """Steps on the circle of fifths between two keys, 0..6; relative keys are half a step apart.

    A minor key lies where its relative major does.
    """
    steps = abs(_fifths(one) - _fifths(other))
    return min(steps, 12 - steps) + (0.5 if one.mode != other.mode else 0.0)


def misfit(before: Traits, after: Traits) -> float:
    """How badly one phrase follows another: 0 is seamless, 1 a jolt.

    Added up from key (a jolt is three fifths; unsure keys count less), register (an octave) and density (three times).
    """
    sure = math.sqrt(before.key.confidence * after.key.confidence)
    key = sure * key_distance(before.key, after.key) / 3.0
    register = abs(before.register_pitch - after.register_pitch) / 12.0
    density = abs(math.log(before.density_notes_per_s / after.density_notes_per_s, 3.0))
    return 0.5 * key + 0.3 * register + 0.2 * density


def _fifths(key: Key) -> int:
    major = key.tonic if key.mode == "major" else key.tonic + 3
    return major * 7 % 12


def _weight(note: Note) -> float:
    return min(max(note.duration_s, 0.05), LONGEST_COUNTED_S) * note.velocity


def _resting(notes: Sequence[Note]) -> list[Note]:
    """The lowest note, and what is struck last."""
    last_s = notes[-1].onset_s
    return [min(notes, key=lambda n: (n.pitch, n)), *(note for note in notes[-6:] if last_s - note.onset_s < 0.15)]


def _correlation(shares: Sequence[float], profile: Sequence[float], tonic: int) -> float:
    """Pearson's r of twelve shares from C with a profile from its tonic; 0 where all shares are alike."""
    turned = [profile[(pitch_class - tonic) % 12] for pitch_class in range(12)]
    mean, middle = sum(shares) / 12, sum(profile) / 12
    above = [share - mean for share in shares]
    expected = [value - middle for value in turned]
    spread = math.sqrt(sum(a * a for a in above) * sum(e * e for e in expected))
    return sum(a * e for a, e in zip(above, expected, strict=True)) / spread if spread > 1e-9 else 0.0
