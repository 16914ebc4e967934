"""The autoencoder at work: what lies between two passages, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from engine.errors import WeightsError
from engine.music.notes import Note, sorted_notes
from engine.music.scale import Scale, quantise_notes
from models.common.exact_arithmetic import Doubles, Gru, Linear, tanh
from models.common.weights import load_weights, weights_path
from models.performers.interpolation.passage import PITCHES, STEPS, Passage, Table, folded, passages, played, written

NAME: Final = "interpolation"
CERTAIN: Final = 5.0
"""Log-odds of what stands in a source."""
FADING: Final = 2.0
"""Power by which what the network could not say of a source is left behind on the way from it."""


class Interpolation:
    """The same passages give the same steps between them on every processor."""

    def __init__(self, weights: Path) -> None:
        """
        Raises:
            WeightsError: the file is missing, damaged, or of another network.
        """
        arrays, self.about = load_weights(weights, NAME)
        try:
            self._input, self._middle = Linear.of(arrays, "input"), Linear.of(arrays, "middle")
            self._forwards, self._backwards = (Gru.of(arrays, "reader", end) for end in ("_l0", "_l0_reverse"))
            self._begin, self._keys = Linear.of(arrays, "begin"), Linear.of(arrays, "keys")
            self._player, self._place = Gru.of(arrays, "player", "_l0"), arrays["place"].astype(np.float64)
        except KeyError as error:
            raise WeightsError(f"{weights}: lacks {error}; train it again with `interpolation train`") from error

    def code(self, passage: Passage) -> Doubles:
        """What a passage is [CODE]."""
        inputs = tanh(self._input(np.concatenate(passage.tables(), 1).astype(np.float64)))
        ends = self._forwards.read(inputs)[-1], self._backwards.read(inputs[::-1])[-1]
        return self._middle(np.concatenate(ends))

    def logits(self, code: Doubles) -> Doubles:
        """Log-odds that each key is struck, and that it is held [2 x STEPS x PITCHES], of a code [CODE]."""
        hidden = tanh(self._begin(code))
        told = self._player.taken(np.concatenate([np.tile(code, (STEPS, 1)), self._place], 1))
        states = np.empty((STEPS, self._player.size))
        for step, taken in enumerate(told):
            hidden = states[step] = self._player.step(taken, hidden)
        return np.stack(np.split(self._keys(states), 2, 1))

    def between(self, one: Passage, other: Passage, share: float, scale: Scale | None = None) -> Passage:
        """What lies a share, 0..1, of the way from one passage to another; 0 and 1 are these themselves, untouched.

        What the network cannot say of its sources is added, and fades with the way from them: so the first step is
        near to where it comes from. What lies between is in the scale, on a piano's keys, and no key is struck while
        it is down.
        """
        if share in (0.0, 1.0):
            return other if share else one
        codes = self.code(one), self.code(other)
        known = self.logits((1.0 - share) * codes[0] + share * codes[1])
        for source, code, left in ((one, codes[0], share), (other, codes[1], 1.0 - share)):
            said = CERTAIN * (2.0 * np.stack(source.tables()) - 1.0)
            known = known + (1.0 - left) ** FADING * (said - self.logits(code))
        count = round((1.0 - share) * len(one.notes) + share * len(other.notes))
        notes = written(likeliest(known[0], count), known[1] > 0.0)
        step_s = (1.0 - share) * one.step_s + share * other.step_s
        steps = Passage(tuple(_touched(note, step_s, one, other, share) for note in notes), step_s)
        return Passage(_valid(steps.notes, scale), step_s)

    def steps(self, one: Passage, other: Passage, count: int, scale: Scale | None = None) -> list[Passage]:
        """From one passage to the other in `count` steps, both ends included; at least 2."""
        return [self.between(one, other, number / (count - 1), scale) for number in range(count)]

    def towards(
        self, notes: Sequence[Note], other: Sequence[Note], share: float, scale: Scale | None = None
    ) -> tuple[Note, ...]:
        """All of some playing, passage by passage, a share of the way to another's passages."""
        others = [passage for _, passage in passages(other) if passage.notes]
        found: list[Note] = []
        for number, (start_s, passage) in enumerate(passages(notes)):
            between = self.between(passage, others[number % len(others)], share, scale) if others else passage
            stretch = passage.step_s / between.step_s
            found += (
                Note(start_s + note.onset_s * stretch, note.pitch, note.duration_s * stretch, note.velocity)
                for note in between.notes
            )
        return played([note for note in found if note.onset_s >= 0.0])


@cache
def shipped() -> Interpolation:
    """The one that comes along. Raises WeightsError."""
    return Interpolation(weights_path(NAME))


def in_a_row(steps: Sequence[Passage]) -> tuple[Note, ...]:
    """Passages one after the other, from second 0 on."""
    found: list[Note] = []
    now_s = 0.0
    for step in steps:
        found += (replace(note, onset_s=max(now_s + note.onset_s, 0.0)) for note in step.notes)
        now_s += step.length_s
    return played(found)


def likeliest(struck: Doubles, count: int) -> Table:
    """Where the `count` likeliest keys are struck [STEPS x PITCHES]; of equal ones the earlier and lower."""
    order = np.argsort(-struck, axis=None, kind="stable")[:count]
    found = np.zeros(STEPS * PITCHES, np.bool_)
    found[order] = True
    return found.reshape(STEPS, PITCHES)


def _touched(note: tuple[int, int, int], step_s: float, one: Passage, other: Passage, share: float) -> Note:
    """A note as late, as loud and at least as long as the nearest ones of both passages are, by how near these are."""
    step, pitch, held = note
    late, loud, long = 0.0, 0.0, 0.0
    for source, weight in ((one, 1.0 - share), (other, share)):
        nearest = _nearest(source, step, pitch)
        late += weight * (nearest.onset_s / source.step_s - source.step_of(nearest) if nearest else 0.0)
        loud += weight * (nearest.velocity if nearest else 50)
        long += weight * (nearest.duration_s / source.step_s if nearest else 1.0)
    late = min(max(late, -0.5), 0.5)
    return Note(
        round((step + late) * step_s, 4), pitch, round(max(held, long) * step_s, 4), min(max(round(loud), 1), 127)
    )


def _nearest(passage: Passage, step: int, pitch: int) -> Note | None:
    """The note that stands for a place: four keys count as much as a step."""
    return min(
        passage.notes,
        key=lambda note: (abs(passage.step_of(note) - step) + abs(folded(note.pitch) - pitch) / 4, note),
        default=None,
    )


def _valid(notes: Sequence[Note], scale: Scale | None) -> tuple[Note, ...]:
    in_scale = sorted_notes(notes) if scale is None else quantise_notes(sorted_notes(notes), scale)
    return played(in_scale)
