"""What a performer may be asked for: note density and a pitch-class histogram.

The idea is that of Magenta's multiconditioned Performance RNN (Simon and Oore 2017): while learning, the network
sees how busy the next seconds are and which pitch classes they use; while drawing, a mood says what it wants.
Each may be left out, so an unconditioned network is a special case.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.performers.vocabulary.events import NOTE_OFF, NOTE_ON, VOCABULARY_SIZE, event_times_s
from models.performers.vocabulary.pulse import steadiness

WINDOW_S: Final = 6.0
"""Conditions describe the notes that begin in this long a window ahead."""

DENSITY_BINS: Final = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
"""Centres, in notes per second, between which a density is shared out (triangles on a log scale)."""

CONDITION_SIZE: Final = 2 + len(DENSITY_BINS) + 12 + 4
"""[density given, densities…, histogram given, pitch classes C..B…, returns given, returns, beat given, steadiness]"""

RUN_NOTES: Final = 4
"""So many notes in the order in which they were played make a passage that can be known again."""

LEAST_AWAY_S: Final = 4.0
MOST_AWAY_S: Final = 120.0
MOST_HEARD: Final = 8
"""Of a run that is played over and over only the last times are looked at."""

LEAST_SHARE: Final = 0.01
"""Even a key that is not wanted is struck now and then."""

_HISTOGRAM = 1 + len(DENSITY_BINS)
_RETURNS = _HISTOGRAM + 13
_BEAT = _RETURNS + 2


def with_all_conditions(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """An input matrix [size x condition] for all conditions; one learnt before there were as many ignores the others.

    Raises:
        ValueError: it knows more than there are.
    """
    missing = CONDITION_SIZE - matrix.shape[1]
    if missing < 0:
        raise ValueError(f"{matrix.shape[1]} conditions, expected at most {CONDITION_SIZE}")
    return np.pad(matrix, ((0, 0), (0, missing)))


def density_shares(notes_per_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """Shares [..., bins] of each density in its two nearest bins; they sum to 1."""
    position = np.log2(np.clip(notes_per_s, DENSITY_BINS[0], DENSITY_BINS[-1]) / DENSITY_BINS[0])
    distance = np.abs(position[..., None] - np.arange(len(DENSITY_BINS)))
    return np.maximum(0.0, 1.0 - distance).astype(np.float32)


def asked(
    density_notes_per_s: float | None = None,
    pitch_class_weights: Sequence[float] | None = None,
    returns: float | None = None,
    beat: float | None = None,
) -> NDArray[np.float32]:
    """The condition vector [CONDITION_SIZE] for what is asked; weights are C..B and need not sum to 1.

    Raises:
        ValueError: not 12 weights, or all zero, or negative.
    """
    vector = np.zeros(CONDITION_SIZE, np.float32)
    if density_notes_per_s is not None:
        ask_density(vector, density_notes_per_s)
    if pitch_class_weights is not None:
        weights = np.asarray(pitch_class_weights, np.float64)
        if weights.shape != (12,) or not np.all(weights >= 0) or weights.sum() <= 0:
            raise ValueError(f"expected 12 non-negative pitch-class weights from C to B, got {pitch_class_weights}")
        vector[_HISTOGRAM] = 1.0
        vector[_HISTOGRAM + 1 : _RETURNS] = weights / weights.sum()
    if returns is not None:
        vector[_RETURNS : _RETURNS + 2] = 1.0, returns
    if beat is not None:
        vector[_BEAT : _BEAT + 2] = 1.0, beat
    return vector


def ask_density(vector: NDArray[np.float32], notes_per_s: float) -> None:
    """Asks for a density in a condition vector [CONDITION_SIZE], in place of another.

    As `density_shares` of one, by Python's own arithmetic: NumPy's takes ten times as long for so little.
    """
    position = math.log2(min(max(notes_per_s, DENSITY_BINS[0]), DENSITY_BINS[-1]) / DENSITY_BINS[0])
    vector[:_HISTOGRAM] = 1.0, *(max(0.0, 1.0 - abs(position - centre)) for centre in range(len(DENSITY_BINS)))


def leaning(pitch_class_weights: Sequence[float] | None) -> NDArray[np.float32]:
    """What to add to logits [vocabulary] so that keys foreign to the scale asked for are struck less often.

    Pitch classes that weigh half as much as the heaviest, or more, are the scale: they stay as the network has them. A
    foreign one loses the logarithm of how far it falls short, so that at a fifth it is struck a fifth as often. A
    network that is conditioned on a scale alone still strikes a quarter of its notes beside it.
    """
    bias = np.zeros(VOCABULARY_SIZE, np.float32)
    if pitch_class_weights is not None:
        weights = np.asarray(pitch_class_weights, np.float64)
        short = np.minimum(1.0, 2.0 * weights / weights.max())
        bias[NOTE_ON:NOTE_OFF] = np.log(np.maximum(short, LEAST_SHARE))[np.arange(NOTE_OFF - NOTE_ON) % 12]
    return bias


def observed(events: NDArray[np.int16]) -> NDArray[np.float32]:
    """Conditions [events, CONDITION_SIZE] that a piece fulfils at each of its events."""
    times = event_times_s(events)
    struck = events < NOTE_OFF
    onsets = times[struck]
    classes = np.eye(12)[events[struck] % 12]
    summed = np.concatenate([np.zeros((1, 12)), np.cumsum(classes, axis=0)])
    first = np.searchsorted(onsets, times, "left")
    last = np.searchsorted(onsets, times + WINDOW_S, "left")
    ahead_s = np.clip(times[-1] - times, 1.0, WINDOW_S) if len(times) else times
    histogram = summed[last] - summed[first]
    total = histogram.sum(axis=1, keepdims=True)
    vectors = np.zeros((len(events), CONDITION_SIZE), np.float32)
    vectors[:, 0] = 1.0
    vectors[:, 1:_HISTOGRAM] = density_shares((last - first) / ahead_s)
    vectors[:, _HISTOGRAM] = total[:, 0] > 0
    vectors[:, _HISTOGRAM + 1 : _RETURNS] = histogram / np.maximum(total, 1.0)
    returned = np.concatenate([[0], np.cumsum(returning(events[struck], onsets))])
    vectors[:, _RETURNS] = total[:, 0] > 0
    vectors[:, _RETURNS + 1] = (returned[last] - returned[first]) / np.maximum(total[:, 0], 1.0)
    vectors[:, _BEAT] = 1.0
    vectors[:, _BEAT + 1] = _steadiness_ahead(onsets, times)
    return vectors


def observed_alone(events: NDArray[np.int16]) -> NDArray[np.float32]:
    """Conditions [events, CONDITION_SIZE] by which a network is measured: density and pitch classes alone."""
    return forgotten(observed(events), density=False, histogram=False, returns=True, beat=True)


def returning(pitches: NDArray[np.int16], onsets_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each note ends a run of `RUN_NOTES` pitches that was played before, not just now but not long ago."""
    last: dict[tuple[int, ...], list[float]] = {}
    found = np.zeros(len(pitches), bool)
    played, times_s = pitches.tolist(), onsets_s.tolist()
    for k in range(RUN_NOTES - 1, len(played)):
        heard = last.setdefault(tuple(played[k - RUN_NOTES + 1 : k + 1]), [])
        found[k] = any(LEAST_AWAY_S <= times_s[k] - s <= MOST_AWAY_S for s in heard[-MOST_HEARD:])
        heard.append(times_s[k])
    return found


def _steadiness_ahead(onsets_s: NDArray[np.float64], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Steadiness of the beat from each of some times on, measured every second."""
    seconds = np.arange(0.0, times_s[-1] + 2.0) if len(times_s) else np.zeros(1)
    return np.interp(times_s, seconds, [steadiness(onsets_s, s) for s in seconds])


def forgotten(
    conditions: NDArray[np.float32], density: bool, histogram: bool, returns: bool, beat: bool
) -> NDArray[np.float32]:
    """A copy of conditions [..., CONDITION_SIZE] with some of them left out."""
    kept = conditions.copy()
    if density:
        kept[..., :_HISTOGRAM] = 0.0
    if histogram:
        kept[..., _HISTOGRAM:_RETURNS] = 0.0
    if returns:
        kept[..., _RETURNS:_BEAT] = 0.0
    if beat:
        kept[..., _BEAT:] = 0.0
    return kept
