"""Velocities and onsets finer than the vocabulary has them, as people play within its steps.

Events hold velocities in steps of 4 and times in steps of 10 ms. That alone gives a performer away: people's own
playing, written as events and read back, is told from people's by a classifier (area under the curve 0.94; 0.52 for
playing that was left as it is). So what is drawn is dequantised. Where within its step a velocity lies depends on the
one before and on the last one within the same step; where within its step an onset lies depends on the one before. How
often each was is counted in what a performer learnt. Dequantised in this way people's playing is told at 0.59.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engine.errors import WeightsError
from engine.music.notes import Note, Phrase, sorted_notes
from models.performers.vocabulary.events import STEP_S, VELOCITY_BINS

Table = NDArray[np.float64]
Whole = NDArray[np.int64]

FILE_NAME: Final = "dequantiser.safetensors"
VELOCITIES: Final = 128 // VELOCITY_BINS
"""So many lie within a step."""
FARTHEST_BIN: Final = 2
"""Velocities that are so many steps louder or softer than the one before, or more, are counted together."""
RECENT_NOTES: Final = 8
"""The last velocity within the same step is looked for among so many notes."""
NONE_BEFORE: Final = VELOCITIES

PARTS: Final = 10
"""Milliseconds within a step of time, from 5 before it on."""
MIDDLE: Final = (1 - PARTS) / 2
"""From a step to the middle of its first millisecond, in ms."""
MS: Final = 1_000
FARTHEST_STEP: Final = 5
"""Onsets that follow after so many steps or more are counted together."""

PRIOR: Final = 8.0
"""So many notes' worth of what holds for all steps of velocity alike is added to the counts of each."""
LITTLE: Final = 0.5
RELEASE_MS: Final = 4.9
"""A release lies anywhere within its step: nearly half of it to either side."""
SHORTEST_S: Final = 0.05
"""A note that is as long as this, or longer, does not become shorter than this."""

_FINE: Final = 3
"""Beside the seed: these random numbers are other ones than those that choose events."""


@dataclass(frozen=True)
class Dequantiser:
    """How likely each place within a step is, cumulated over the last axis.

    `velocity` [steps x change x place before x place of the last one within the same step x places],
    `onset` [place before x steps since x whether the pitch rises x places].
    """

    velocity: Table
    onset: Table

    @classmethod
    def of(cls, pieces: Sequence[Phrase], weights: Sequence[float]) -> Dequantiser:
        """That of a training set, of which piece i is taken in proportion to weights[i]."""
        changes = 2 * FARTHEST_BIN + 1
        velocity = np.zeros((VELOCITY_BINS, changes, VELOCITIES, VELOCITIES + 1, VELOCITIES))
        onset = np.full((PARTS, FARTHEST_STEP + 1, 2, PARTS), LITTLE)
        scale = len(weights) / sum(weights)
        for piece, weight in zip(pieces, weights, strict=True):
            _count(piece, scale * weight, velocity, onset)
        return cls(_cumulated(_with_prior(velocity)), _cumulated(onset))

    def applied(self, phrase: Phrase, seed: int) -> Phrase:
        """The phrase with velocities and times within their steps; the same seed gives the same.

        As events it is what it was before.
        """
        if not phrase.notes:
            return phrase
        rng = np.random.default_rng((seed, _FINE))
        velocities = self._velocities([note.velocity for note in phrase.notes], rng)
        onsets_s = self._onsets_s(phrase.notes, rng)
        ends_s = [note.end_s + rng.uniform(-RELEASE_MS, RELEASE_MS) / MS for note in phrase.notes]
        struck: dict[int, float] = {}
        notes = []
        for i in reversed(range(len(phrase.notes))):
            note, onset_s = phrase.notes[i], onsets_s[i]
            least_s = onset_s + min(note.duration_s, SHORTEST_S)
            end_s = min(max(ends_s[i], least_s), struck.get(note.pitch, np.inf))
            struck[note.pitch] = onset_s
            notes.append(Note(onset_s, note.pitch, round(max(end_s - onset_s, 1 / MS), 4), velocities[i]))
        return replace(phrase, notes=sorted_notes(notes))

    def save(self, path: Path) -> None:
        """Writes it, under a temporary name first."""
        temporary = path.with_suffix(".partial")
        save_file({"velocity": self.velocity.astype(np.float32), "onset": self.onset.astype(np.float32)}, temporary)
        os.replace(temporary, path)

    @classmethod
    def beside(cls, weights: Path) -> Dequantiser | None:
        """The one that belongs to a file of weights, None where none was ever counted.

        Raises:
            WeightsError: damaged, or of other steps than the vocabulary's.
        """
        path = weights.parent / FILE_NAME
        if not path.exists():
            return None
        try:
            with safe_open(path, "numpy") as file:
                found = cls(*(file.get_tensor(name).astype(np.float64) for name in ("velocity", "onset")))
        except (SafetensorError, OSError, ValueError) as error:
            raise WeightsError(f"{path}: damaged ({error}); write it anew with `models card`") from error
        if found.velocity.shape[0] != VELOCITY_BINS or found.onset.shape[0] != PARTS:
            raise WeightsError(f"{path}: of another vocabulary; write it anew with `models card`")
        return found

    def _velocities(self, played: Sequence[int], rng: np.random.Generator) -> list[int]:
        places: list[int] = []
        recent: deque[tuple[int, int]] = deque(maxlen=RECENT_NOTES)
        for velocity in played:
            bin_ = velocity // VELOCITIES
            change, same = _change(bin_, recent), _place_within(bin_, recent)
            likely = self.velocity[bin_, change, places[-1] if places else 0, same]
            places.append(_chosen(likely, rng))
            recent.append((bin_, places[-1]))
        return [max(1, VELOCITIES * bin_ + place) for bin_, place in zip(_bins(played), places, strict=True)]

    def _onsets_s(self, notes: Sequence[Note], rng: np.random.Generator) -> list[float]:
        steps = [round(note.onset_s / STEP_S) for note in notes]
        places = [int(rng.integers(PARTS))]
        for i in range(1, len(notes)):
            since, rises = min(steps[i] - steps[i - 1], FARTHEST_STEP), int(notes[i].pitch > notes[i - 1].pitch)
            places.append(_chosen(self.onset[places[-1], since, rises], rng))
        found = (PARTS * step + place + MIDDLE for step, place in zip(steps, places, strict=True))
        return [round(max(0.0, onset_ms) / MS, 4) for onset_ms in found]


def _count(piece: Phrase, weight: float, velocity: Table, onset: Table) -> None:
    """Adds a piece's notes to the counts."""
    played = np.array([note.velocity for note in piece.notes], np.int64)
    bins, places = played // VELOCITIES, played % VELOCITIES
    recent: deque[tuple[int, int]] = deque(maxlen=RECENT_NOTES)
    before = 0
    for bin_, place in zip(bins.tolist(), places.tolist(), strict=True):
        velocity[bin_, _change(bin_, recent), before, _place_within(bin_, recent), place] += weight
        recent.append((bin_, place))
        before = place
    steps, parts, pitches = _steps_of_time(piece)
    since = np.clip(np.diff(steps), 0, FARTHEST_STEP)
    np.add.at(onset, (parts[:-1], since, (np.diff(pitches) > 0).astype(int), parts[1:]), weight)


def _steps_of_time(piece: Phrase) -> tuple[Whole, Whole, Whole]:
    """Step, place within it and pitch of each note, as events have them in order."""
    times_ms = np.array([note.onset_s for note in piece.notes]) * MS
    pitches = np.array([note.pitch for note in piece.notes], np.int64)
    steps = np.rint(times_ms / PARTS).astype(np.int64)
    parts = np.clip(np.floor(times_ms - PARTS * steps + PARTS / 2), 0, PARTS - 1).astype(np.int64)
    order = np.lexsort((pitches, steps))
    return steps[order], parts[order], pitches[order]


def _with_prior(counts: Table) -> Table:
    """Counts of rare contexts lean on what holds for all steps alike, and on what is usual within a step."""
    alike = counts.sum(0) + LITTLE
    usual = counts.sum((1, 2, 3)) + LITTLE
    usual /= usual.mean(-1, keepdims=True)
    prior = alike[None] * usual[:, None, None, None]
    return np.asarray(counts + PRIOR * prior / prior.sum(-1, keepdims=True))


def _cumulated(counts: Table) -> Table:
    summed = np.cumsum(counts, -1)
    return np.asarray(summed / summed[..., -1:])


def _chosen(cumulated: Table, rng: np.random.Generator) -> int:
    return min(int(np.searchsorted(cumulated, rng.random(), "right")), len(cumulated) - 1)


def _bins(played: Sequence[int]) -> list[int]:
    return [velocity // VELOCITIES for velocity in played]


def _change(bin_: int, recent: deque[tuple[int, int]]) -> int:
    """By how many steps it is louder than the note before, as an index."""
    away = bin_ - recent[-1][0] if recent else 0
    return min(max(away, -FARTHEST_BIN), FARTHEST_BIN) + FARTHEST_BIN


def _place_within(bin_: int, recent: deque[tuple[int, int]]) -> int:
    """Where within its step the last of the recent velocities lay that share a step with this one."""
    return next((place for other, place in reversed(recent) if other == bin_), NONE_BEFORE)
