"""Statistics of a short excerpt of playing, in groups, by which a classifier may tell one kind of playing from another.

All are free of key and of absolute place in time, so that a mood's scale gives nothing away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Note, Phrase
from models.performers.quotation.melodic_features import RHYTHM_CLASSES, all_notes, skyline
from models.performers.vocabulary.pulse import steadiness

Features = dict[str, float]

LEAST_NOTES: Final = 12
"""Of fewer notes statistics say little."""

SHORT_S: Final = 0.05
LONG_S: Final = 5.0
PERCENTILES: Final = (5, 25, 50, 75, 95)
INTERVALS: Final = 12
MOST_KEYS: Final = 8
PATTERN_NOTES: Final = 3
PATTERN_INTERVALS: Final = 4
WAIT_EDGES_S: Final = np.geomspace(0.02, 4.0, 13)
LENGTH_EDGES_S: Final = np.geomspace(0.03, 8.0, 13)
FRAME_S: Final = 0.05


def pitch_and_repetition(phrase: Phrase) -> Features:
    """Where on the keyboard, in how clear a key, by what steps, in what chords, and how much of it comes back."""
    pitch = np.array([n.pitch for n in phrase.notes])
    classes = np.sort(np.bincount(pitch % 12, minlength=12) / len(pitch))[::-1]
    feature, tune = all_notes(phrase), skyline(phrase)
    tune_steps = np.diff(tune.pitch)
    found: Features = {
        "pitch mean": float(pitch.mean()),
        "pitch deviation": float(pitch.std()),
        "pitch classes": float((classes > 0).sum()),
        "pitch-class entropy": entropy_bits(classes),
        "patterns of 3 notes that return": share_returning(pitch, PATTERN_NOTES),
        "melodic patterns of 4 intervals that return": share_returning(tune_steps, PATTERN_INTERVALS),
        "notes struck again within 3": float(np.mean(pitch[3:] == pitch[:-3])) if len(pitch) > 3 else 0.0,
        "notes struck again within 2": float(np.mean(pitch[2:] == pitch[:-2])) if len(pitch) > 2 else 0.0,
        "distinct pitches per note": len(set(pitch.tolist())) / len(pitch),
        "melody notes per note": len(tune.pitch) / len(pitch),
    }
    found |= numbered("pitch-class share", classes)
    found |= numbered("pitch percentile", np.percentile(pitch, PERCENTILES))
    found |= numbered("step", shares(np.diff(pitch), -INTERVALS, INTERVALS))
    found |= numbered("melodic step", shares(tune_steps, -INTERVALS, INTERVALS))
    inside = np.diff(feature.pitch)[~feature.waits[1:]]
    found |= numbered("interval in chords", np.bincount(inside % 12, minlength=12) / max(1, len(inside)))
    sizes = np.diff(np.append(np.flatnonzero(feature.waits | (np.arange(len(feature.pitch)) == 0)), len(feature.pitch)))
    found |= numbered("chord size", np.bincount(np.minimum(sizes, 6), minlength=7) / max(1, len(sizes)))
    return found


def timing(phrase: Phrase) -> Features:
    """Waits, rhythm, pulse, how long keys are held and how many at once."""
    onsets = np.array([n.onset_s for n in phrase.notes])
    lengths = np.array([n.duration_s for n in phrase.notes])
    waits = np.diff(onsets)
    feature = all_notes(phrase)
    rhythm = np.bincount(feature.rhythm[feature.waits][2:], minlength=RHYTHM_CLASSES)
    span_s = max(float(onsets[-1] - onsets[0]), 1.0)
    frames = np.arange(onsets[0], onsets[-1] + FRAME_S, FRAME_S)
    ends = np.sort(onsets + lengths)
    down = np.searchsorted(onsets, frames, "right") - np.searchsorted(ends, frames, "right")
    found: Features = {
        "notes per second": len(onsets) / span_s,
        "steadiness": steadiness(onsets, float(onsets[0])),
        "notes below 50 ms": float(np.mean(lengths < SHORT_S)),
        "notes above 5 s": float(np.mean(lengths > LONG_S)),
        "polyphony": float(down.mean()),
        "polyphony deviation": float(down.std()),
        "longest wait": float(waits.max(initial=0.0)),
    }
    found |= numbered("wait", np.histogram(waits, np.append(0.0, WAIT_EDGES_S))[0] / max(1, len(waits)))
    found |= numbered("rhythm", rhythm / max(1.0, float(rhythm.sum())))
    found |= numbered("length", np.histogram(lengths, LENGTH_EDGES_S)[0] / len(lengths))
    found |= numbered("length percentile", np.log(np.percentile(lengths, PERCENTILES)))
    found |= numbered("keys down", np.bincount(np.clip(down, 0, MOST_KEYS), minlength=MOST_KEYS + 1) / len(down))
    return found


def velocity_and_pedal(phrase: Phrase) -> Features:
    """How hard keys are struck, how that changes, and what the foot does."""
    velocity = np.array([n.velocity for n in phrase.notes], float)
    pitch = np.array([n.pitch for n in phrase.notes], float)
    steps = np.abs(np.diff(velocity))
    length_s = max(phrase.notes[-1].onset_s, 1.0)
    held_s = np.array([min(p.end_s, length_s) - p.start_s for p in phrase.pedal if p.start_s < length_s])
    found: Features = {
        "velocity mean": float(velocity.mean()),
        "velocity deviation": float(velocity.std()),
        "velocity step": float(steps.mean()) if len(steps) else 0.0,
        "velocities unchanged": float(np.mean(steps < 4)) if len(steps) else 0.0,
        "louder when higher": correlation(velocity, pitch),
        "loudness carried on": correlation(velocity[1:], velocity[:-1]),
        "pedal share": float(held_s.sum() / length_s),
        "pedals per second": len(held_s) / length_s,
        "pedal length": float(np.log(0.01 + held_s.mean())) if len(held_s) else 0.0,
    }
    found |= numbered("velocity percentile", np.percentile(velocity, PERCENTILES))
    found |= numbered("velocity steps", np.histogram(steps, [0, 4, 8, 12, 16, 24, 128])[0] / max(1, len(steps)))
    return found


GROUPS: Final[Mapping[str, Callable[[Phrase], Features]]] = {
    "pitch and repetition": pitch_and_repetition,
    "timing": timing,
    "velocity and pedal": velocity_and_pedal,
}


def statistics_of(phrase: Phrase) -> NDArray[np.float64]:
    """All of them [len(FEATURE_NAMES)]."""
    return np.array([value for features in GROUPS.values() for value in features(phrase).values()])


def entropy_bits(shares: NDArray[np.float64]) -> float:
    some = shares[shares > 0]
    return float(-(some * np.log2(some)).sum())


def share_returning(values: NDArray[np.int64], length: int) -> float:
    """Share of the runs of `length` values that stand more than once in a row of values."""
    runs: list[Hashable] = [tuple(values[i : i + length].tolist()) for i in range(len(values) - length + 1)]
    counts = Counter(runs)
    return sum(counts[run] > 1 for run in runs) / max(1, len(runs))


def shares(values: NDArray[np.int64], lowest: int, highest: int) -> NDArray[np.float64]:
    """Share of each whole number from lowest to highest; what lies beyond counts as the nearest."""
    counts = np.bincount(np.clip(values, lowest, highest) - lowest, minlength=highest - lowest + 1)
    return counts / max(1, int(counts.sum()))


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Pearson's, or 0 where one of them does not vary."""
    if len(one) < 2 or one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def numbered(name: str, values: Sequence[float] | NDArray[np.float64]) -> Features:
    return {f"{name} {index}": float(value) for index, value in enumerate(values)}


_ANY: Final = Phrase(tuple(Note(0.5 * i, 60, 0.4, 64) for i in range(LEAST_NOTES)))
FEATURE_NAMES: Final = tuple(name for features in GROUPS.values() for name in features(_ANY))
"""In the order of `statistics_of`."""
