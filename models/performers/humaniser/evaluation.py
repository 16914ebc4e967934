"""How near a humaniser comes to how people play, beside rules, beside no touch, and beside people's own shuffled."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from engine.music.notes import Note, Phrase, sorted_notes
from models.performers.corpus.touch import Touch, with_touch
from models.performers.evaluation.telling_apart import Excerpt, Telling, tell_apart
from models.performers.humaniser.features import OFFSET_STEP_S, OFFSETS, VELOCITIES, VELOCITY_STEP, level
from models.performers.humaniser.humaniser import Humaniser
from models.performers.humaniser.network import HumaniserNetwork
from models.performers.humaniser.quantised_copy import QuantisedCopy
from models.performers.humaniser.training import Bits, Lesson, nats
from models.performers.vocabulary.pulse import steadiness

RENDERINGS: Final = 6
"""The rules play each score so often; what they mean by a note is the mean."""
NEAREST_S: Final = 0.25
WIDTHS: Final = np.geomspace(0.3, 12.0, 40)
"""Scales, in classes, that are tried for how far playing lies from what the rules or the score say."""

STEADY: Final = Touch(rubato=0.0, broadening=0.0)
"""The rules without their tempo: the copies keep the pianist's own."""

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """One way to play scores: told from people's playing of the same scores, and the steadiness of its beat."""

    name: str
    telling: Telling
    steadiness: float


def surprise(network: HumaniserNetwork, copies: Sequence[QuantisedCopy]) -> Bits:
    """Of the network, given all that was played before each note."""
    found = np.zeros(3)
    for copy in copies:
        lesson = Lesson.of(copy)
        rows = [torch.from_numpy(part)[None] for part in (lesson.told, lesson.late, lesson.loud)]
        with torch.no_grad():
            timing, velocity = nats(network, *rows)
        found += np.array([float(timing), float(velocity), 1.0]) * len(lesson.late)
    return Bits(*(found[:2] / found[2] / math.log(2)).tolist())


def surprises(
    network: HumaniserNetwork, learnt: Sequence[QuantisedCopy], held_out: Sequence[QuantisedCopy]
) -> dict[str, Bits]:
    """The network's beside those of three that are fitted to what it learnt from.

    `as written` and `rules` expect each note where the score or the rules have it, and lie a little (a Laplace
    distribution, whose width is fitted); `people, shuffled` expects of each note what people do to any.
    """
    return {
        "humaniser": surprise(network, held_out),
        "rules": _around(_by_rule, learnt, held_out),
        "as written": _around(_as_written, learnt, held_out),
        "people, shuffled": _shuffled(learnt, held_out),
    }


Expected = Callable[[QuantisedCopy], tuple[Table, Table]]
"""What is expected of a copy's notes: lateness and loudness beside the level, in steps [n]."""


def _as_written(copy: QuantisedCopy) -> tuple[Table, Table]:
    return np.zeros(len(copy.score)), np.zeros(len(copy.score))


def _by_rule(copy: QuantisedCopy) -> tuple[Table, Table]:
    played = [by_rule(copy, seed) for seed in range(RENDERINGS)]
    late = np.mean([[n.onset_s for n in notes] for notes in played], 0) - [n.onset_s for n in copy.score]
    loud = np.mean([[n.velocity for n in notes] for notes in played], 0)
    return late / OFFSET_STEP_S, (loud - loud.mean()) / VELOCITY_STEP


def by_rule(copy: QuantisedCopy, seed: int) -> tuple[Note, ...]:
    """A copy's notes as the rules play them, in the order of the score, in its own tempo."""
    first_s = copy.score[0].onset_s
    score = Phrase(tuple(replace(n, onset_s=n.onset_s - first_s, velocity=75) for n in copy.score))
    played = with_touch(score, STEADY, seed).notes
    by_pitch: dict[int, list[Note]] = {}
    for note in played:
        by_pitch.setdefault(note.pitch, []).append(note)
    tempo = _tempo(score.notes, by_pitch)
    strokes = {pitch: [replace(p, onset_s=p.onset_s / tempo) for p in notes] for pitch, notes in by_pitch.items()}
    return tuple(_nearest(note, strokes[note.pitch], first_s) for note in score.notes)


def _tempo(score: Sequence[Note], played: Mapping[int, Sequence[Note]]) -> float:
    """Played over written seconds, by the keys that are struck as often as they are written."""
    written: dict[int, list[Note]] = {}
    for note in score:
        written.setdefault(note.pitch, []).append(note)
    pairs = [
        (w.onset_s, p.onset_s)
        for pitch, notes in written.items()
        if len(notes) == len(played[pitch])
        for w, p in zip(notes, played[pitch], strict=True)
    ]
    table = np.array(pairs or [(1.0, 1.0)])
    return float((table[:, 0] * table[:, 1]).sum() / max(float((table[:, 0] ** 2).sum()), 1e-9))


def _nearest(note: Note, played: Sequence[Note], first_s: float) -> Note:
    """The stroke that stands for a note; one that the rules left out is as it was written."""
    best = min(played, key=lambda p: abs(p.onset_s - note.onset_s))
    found = best if abs(best.onset_s - note.onset_s) < NEAREST_S else note
    return replace(found, onset_s=found.onset_s + first_s)


def _around(expected: Expected, learnt: Sequence[QuantisedCopy], held_out: Sequence[QuantisedCopy]) -> Bits:
    """Surprise of a Laplace distribution around what is expected, its widths fitted on what was learnt."""
    known, heard = _steps(expected, learnt), _steps(expected, held_out)
    found = []
    for (seen, at), (new, there), count in zip(known, heard, (OFFSETS, VELOCITIES), strict=True):
        width = min(WIDTHS, key=lambda width: _laplace_bits(seen, at, count, width))
        found.append(_laplace_bits(new, there, count, width))
    return Bits(*found)


def _steps(expected: Expected, copies: Sequence[QuantisedCopy]) -> list[tuple[NDArray[np.int64], Table]]:
    """Of timing and of velocity: classes as played [n], and places among the classes that were expected [n]."""
    lessons = [Lesson.of(copy) for copy in copies]
    places = [expected(copy) for copy in copies]
    return [
        (np.concatenate([lesson.late for lesson in lessons]), np.concatenate([p[0] for p in places]) + OFFSETS // 2),
        (np.concatenate([lesson.loud for lesson in lessons]), np.concatenate([p[1] for p in places]) + VELOCITIES // 2),
    ]


def _laplace_bits(seen: NDArray[np.int64], at: Table, count: int, width: float) -> float:
    likely = np.exp(-np.abs(np.arange(count)[None, :] - at[:, None]) / width)
    likely /= likely.sum(1, keepdims=True)
    return float(-np.log2(likely[np.arange(len(seen)), seen] + 1e-12).mean())


def _shuffled(learnt: Sequence[QuantisedCopy], held_out: Sequence[QuantisedCopy]) -> Bits:
    known, heard = _steps(_as_written, learnt), _steps(_as_written, held_out)
    found = []
    for (seen, _), (new, _), count in zip(known, heard, (OFFSETS, VELOCITIES), strict=True):
        shares = (np.bincount(seen, minlength=count) + 0.5) / (len(seen) + 0.5 * count)
        found.append(float(-np.log2(shares[new]).mean()))
    return Bits(*found)


def sides(humaniser: Humaniser, copies: Sequence[tuple[str, QuantisedCopy]], seed: int = 1) -> list[Side]:
    """Each way to play the scores of copies, told from how people played them; a copy goes with its piece's name.

    The control is people's playing of half of the pieces beside people's of the other half.
    """
    people = [Excerpt(_from_the_start(copy.played), name) for name, copy in copies]
    names = sorted({name for name, _ in copies})
    one = [e for e in people if names.index(e.piece) % 2]
    other = [e for e in people if not names.index(e.piece) % 2]
    found = [Side("people, other pieces", tell_apart(one, other, seed), _mean_steadiness(people))]
    ways: dict[str, Callable[[QuantisedCopy, int], Sequence[Note]]] = {
        "humaniser": lambda copy, number: humaniser.play(levelled(copy), seed + number, 1.0),
        "rules": lambda copy, number: _at_level(by_rule(copy, seed + number), copy),
        "as written": lambda copy, _: levelled(copy),
        "people, shuffled": lambda copy, number: _shuffled_playing(copy, seed + number),
    }
    for way, play in ways.items():
        played = [Excerpt(_from_the_start(play(c, number)), name) for number, (name, c) in enumerate(copies)]
        found.append(Side(way, tell_apart(people, played, seed), _mean_steadiness(played)))
    return found


def levelled(copy: QuantisedCopy) -> tuple[Note, ...]:
    """The score with the loudness of the playing around each note, and keys held as long as they were."""
    loud = [replace(note, velocity=p.velocity) for note, p in zip(copy.score, copy.played, strict=True)]
    levels = level(loud).tolist()
    return tuple(
        replace(note, velocity=round(at), duration_s=p.duration_s)
        for note, at, p in zip(copy.score, levels, copy.played, strict=True)
    )


def _at_level(played: Sequence[Note], copy: QuantisedCopy) -> tuple[Note, ...]:
    """Playing by rule, as loud as the playing around each note was."""
    middle = float(np.mean([note.velocity for note in played]))
    return tuple(
        replace(p, velocity=round(min(max(n.velocity + p.velocity - middle, 1), 127)), duration_s=n.duration_s)
        for p, n in zip(played, levelled(copy), strict=True)
    )


def _shuffled_playing(copy: QuantisedCopy, seed: int) -> tuple[Note, ...]:
    """What people did to each note, done to another note of the same stretch."""
    base = levelled(copy)
    order = np.random.default_rng(seed).permutation(len(base))
    late = copy.offsets_s[order]
    loud = np.array([p.velocity - n.velocity for p, n in zip(copy.played, base, strict=True)])[order]
    return tuple(
        replace(n, onset_s=n.onset_s + by_s, velocity=round(min(max(n.velocity + louder, 1), 127)))
        for n, by_s, louder in zip(base, late.tolist(), loud.tolist(), strict=True)
    )


def _from_the_start(notes: Sequence[Note]) -> Phrase:
    first_s = min(note.onset_s for note in notes)
    return Phrase(sorted_notes(replace(note, onset_s=note.onset_s - first_s) for note in notes))


def _mean_steadiness(excerpts: Sequence[Excerpt]) -> float:
    return float(np.mean([steadiness(np.array([n.onset_s for n in e.phrase.notes]), 0.0) for e in excerpts]))
