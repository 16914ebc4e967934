"""How well passages are remembered, how even the way between them is, and how like music the middle of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Phrase
from models.performers.criticism.excerpt_features import LEAST_NOTES
from models.performers.evaluation.telling_apart import Excerpt, Telling, tell_apart
from models.performers.interpolation.interpolation import Interpolation, likeliest
from models.performers.interpolation.passage import Passage, Table, played

STEPS_BETWEEN: Final = 9
"""From one passage to the other, both ends included."""
MIDDLE: Final = slice(3, 6)
"""Steps that are as much one as the other, about."""

Between = Callable[[Passage, Passage, float, int], Passage]
"""What lies a share of the way from one passage to another; the number is for chance."""
Named = tuple[str, Passage]
"""A passage and the piece that it is from."""


@dataclass(frozen=True)
class Way:
    """One way to get from passage to passage: the distance of neighbouring steps, mean and largest (0: the same notes,
    1: none in common), and its middle told from people's playing."""

    name: str
    step: float
    largest_step: float
    telling: Telling


def recall(network: Interpolation, material: Sequence[Passage]) -> float:
    """F-measure of the notes that are struck again from a passage's code, on the very step and key."""
    return float(np.mean([_in_common(p.tables()[0], _from_code(network, p)) for p in material]))


def recall_of_any(learnt: NDArray[np.float64], material: Sequence[Passage]) -> float:
    """The same for the likeliest notes of all that was learnt [STEPS x PITCHES], whatever the passage."""
    return float(np.mean([_in_common(p.tables()[0], likeliest(learnt, len(p.notes))) for p in material]))


def ways(network: Interpolation, material: Sequence[Named], pairs: int, seed: int = 1) -> list[Way]:
    """Each way between `pairs` pairs of passages of different pieces, with people's other playing as the control."""
    rng = np.random.default_rng(seed)
    full = [(name, p) for name, p in material if len(p.notes) >= LEAST_NOTES]
    chosen = [_pair(full, rng) for _ in range(pairs)]
    people = [Excerpt(_phrase(p), name) for name, p in full]
    rng.shuffle(people)
    found = []
    for name, between in _ways(network).items():
        roads = [
            [between(one, other, i / (STEPS_BETWEEN - 1), number) for i in range(STEPS_BETWEEN)]
            for number, ((_, one), (_, other)) in enumerate(chosen)
        ]
        steps = np.array([[_away(a, b) for a, b in pairwise(road)] for road in roads])
        middles = [
            Excerpt(_phrase(p), f"pair {number}")
            for number, road in enumerate(roads)
            for p in road[MIDDLE]
            if len(p.notes) >= LEAST_NOTES
        ]
        telling = tell_apart(people[: len(middles)], middles, seed)
        found.append(Way(name, float(steps.mean()), float(steps.max(1).mean()), telling))
    names = sorted({e.piece for e in people})
    one = [e for e in people if names.index(e.piece) % 2]
    other = [e for e in people if not names.index(e.piece) % 2]
    return [Way("people, other pieces", np.nan, np.nan, tell_apart(one, other, seed)), *found]


def road(network: Interpolation, material: Sequence[Named], seed: int = 1) -> dict[str, list[Passage]]:
    """One pair's passages on each way, for a picture."""
    full = [(name, p) for name, p in material if len(p.notes) >= LEAST_NOTES]
    (_, one), (_, other) = _pair(full, np.random.default_rng(seed))
    shares = np.linspace(0.0, 1.0, 5).tolist()
    return {name: [between(one, other, share, seed) for share in shares] for name, between in _ways(network).items()}


def _ways(network: Interpolation) -> dict[str, Between]:
    return {
        "interpolation": lambda one, other, share, _: network.between(one, other, share),
        "crossfade": lambda one, other, share, _: _crossfaded(one, other, share),
        "notes at random": _mixed,
    }


def _crossfaded(one: Passage, other: Passage, share: float) -> Passage:
    """As piano rolls fade over: what is more than half there is struck."""
    return one if share < 0.5 else other


def _mixed(one: Passage, other: Passage, share: float, seed: int) -> Passage:
    """Each note of the one goes, and each of the other comes, at a moment of its own."""
    rng = np.random.default_rng(seed)
    goes, comes = rng.random(len(one.notes)), rng.random(len(other.notes))
    kept = [note for note, at in zip(one.notes, goes, strict=True) if at >= share]
    new = [note for note, at in zip(other.notes, comes, strict=True) if at < share]
    return Passage(played([*kept, *new]), one.step_s if share < 0.5 else other.step_s)


def _pair(material: Sequence[Named], rng: np.random.Generator) -> tuple[Named, Named]:
    """Two passages of different pieces."""
    while True:
        one, other = (material[int(i)] for i in rng.integers(len(material), size=2))
        if one[0] != other[0]:
            return one, other


def _phrase(passage: Passage) -> Phrase:
    first_s = min(note.onset_s for note in passage.notes)
    return Phrase(tuple(replace(note, onset_s=note.onset_s - first_s) for note in passage.notes))


def _from_code(network: Interpolation, passage: Passage) -> Table:
    return likeliest(network.logits(network.code(passage))[0], int(passage.tables()[0].sum()))


def _away(one: Passage, other: Passage) -> float:
    return 1.0 - _in_common(one.tables()[0], other.tables()[0])


def _in_common(one: Table, other: Table) -> float:
    """F-measure of two tables of what is struck."""
    return 2.0 * float((one & other).sum()) / max(int(one.sum() + other.sum()), 1)
