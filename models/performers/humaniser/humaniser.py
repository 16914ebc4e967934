"""A trained humaniser at work: a score in, the same notes as hands would play them out, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from engine.errors import WeightsError
from engine.music.notes import Note, sorted_notes
from models.common.exact_arithmetic import Doubles, Gru, Linear, drawn, tanh
from models.common.weights import load_weights, weights_path
from models.performers.humaniser.features import (
    OFFSET_STEP_S,
    OFFSETS,
    VELOCITIES,
    VELOCITY_STEP,
    features,
    level,
)

NAME: Final = "humaniser"
TEMPERATURE: Final = 0.9
"""Below 1 the rare blunders of people are left out."""
LONGEST_NOTES: Final = 400
"""A longer score is played in pieces of about this many notes, one after the other."""
LET_GO_S: Final = 0.03
SHORTEST_NOTE_S: Final = 0.05


class Humaniser:
    """The same notes and the same seed give the same playing on every processor."""

    def __init__(self, weights: Path) -> None:
        """
        Raises:
            WeightsError: the file is missing, damaged, or of another network.
        """
        arrays, self.about = load_weights(weights, NAME)
        try:
            self._input = Linear.of(arrays, "input")
            self._forwards = Gru.of(arrays, "reader", "_l0")
            self._backwards = Gru.of(arrays, "reader", "_l0_reverse")
            self._player = Gru.of(arrays, "player", "_l0")
            self._offset, self._velocity = Linear.of(arrays, "offset"), Linear.of(arrays, "velocity")
            self._late, self._loud = (arrays[f"{name}.weight"].astype(np.float64) for name in ("late", "loud"))
        except KeyError as error:
            raise WeightsError(f"{weights}: lacks {error}; train it again with `humaniser train`") from error

    def play(self, score: Sequence[Note], seed: int, temperature: float = TEMPERATURE) -> tuple[Note, ...]:
        """A score as hands play it: every note once, at most 0.1 s from where it was written.

        The score's velocities say how loud the playing is around a note; which note stands out is the humaniser's.
        """
        ordered = sorted_notes(score)
        rng = np.random.default_rng(seed)
        played: list[Note] = []
        for first in range(0, len(ordered), LONGEST_NOTES):
            played += self._piece(ordered[first : first + LONGEST_NOTES], rng, temperature)
        return _one_finger_a_key(played)

    def _piece(self, score: Sequence[Note], rng: np.random.Generator, temperature: float) -> list[Note]:
        levels = level(score)
        late, loud = self.draw(features(score, levels), rng.random((len(score), 2)), temperature)
        offsets_s = (late - OFFSETS // 2) * OFFSET_STEP_S
        velocities = levels + (loud - VELOCITIES // 2) * VELOCITY_STEP
        return [
            replace(note, onset_s=round(max(0.0, note.onset_s + by_s), 4), velocity=int(min(max(velocity, 1), 127)))
            for note, by_s, velocity in zip(score, offsets_s.tolist(), velocities.tolist(), strict=True)
        ]

    def read(self, told: Doubles) -> Doubles:
        """What the network makes of features [n x FEATURES], from both sides [n x 2 READ]."""
        inputs = tanh(self._input(told))
        return np.concatenate([self._forwards.read(inputs), self._backwards.read(inputs[::-1])[::-1]], 1)

    def draw(self, told: Doubles, uniform: Doubles, temperature: float) -> tuple[Doubles, Doubles]:
        """Classes [n] of timing and velocity, by random numbers [n x 2]."""
        read, hidden = self.read(told), np.zeros(self._player.size)
        late, loud = OFFSETS, VELOCITIES
        found = np.empty((2, len(told)))
        for index, known in enumerate(read):
            taken = self._player.taken(np.concatenate([known, self._late[late], self._loud[loud]]))
            hidden = self._player.step(taken, hidden)
            seen = np.concatenate([hidden, known])
            late = drawn(self._offset(seen), float(uniform[index, 0]), temperature)
            loud = drawn(
                self._velocity(np.concatenate([seen, self._late[late]])), float(uniform[index, 1]), temperature
            )
            found[:, index] = late, loud
        return found[0], found[1]


@cache
def shipped() -> Humaniser:
    """The one that comes along. Raises WeightsError."""
    return Humaniser(weights_path(NAME))


def humanised(score: Sequence[Note], seed: int) -> tuple[Note, ...]:
    """A score as the shipped humaniser plays it (see `engine.music.humanising.Humanise`). Raises WeightsError."""
    return shipped().play(score, seed) if score else ()


def _one_finger_a_key(notes: Sequence[Note]) -> tuple[Note, ...]:
    """No key sounds on while it is struck again; of two strikes at one moment the first stays."""
    last: dict[int, int] = {}
    kept: list[Note] = []
    for note in sorted_notes(notes):
        before = last.get(note.pitch)
        if before is not None and kept[before].end_s > note.onset_s - LET_GO_S:
            held_s = note.onset_s - LET_GO_S - kept[before].onset_s
            if held_s < SHORTEST_NOTE_S:
                continue
            kept[before] = replace(kept[before], duration_s=held_s)
        last[note.pitch] = len(kept)
        kept.append(note)
    return tuple(kept)
