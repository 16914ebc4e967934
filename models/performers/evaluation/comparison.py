"""A performer beside people: told apart by a fresh classifier, and the steadiness of the beat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.music.notes import Phrase
from models.performers.corpus.midi_corpus import Performance
from models.performers.criticism.critic import Critic
from models.performers.criticism.excerpt_features import LEAST_NOTES
from models.performers.drawing.performer import Conditioning
from models.performers.drawing.rejection_sampling import Pianist, draw_kept
from models.performers.evaluation.telling_apart import Excerpt, Telling, matched, stretch, stretches, tell_apart
from models.performers.quotation.quotation import Quotations
from models.performers.vocabulary.pulse import HAS_A_BEAT, WINDOW_S, steadiness

EXCERPT_S: Final = 20.0
POOL: Final = 12
"""So many excerpts of people for each drawn one, of which those as busy are taken; calm ones are one in twenty."""

Following = Callable[[Iterable[int]], Iterable[int]]


@dataclass(frozen=True)
class Pulse:
    """Steadiness in windows of 12 s: mean, what a tenth exceeds, and the share of windows with a beat."""

    mean: float
    highest_tenth: float
    with_a_beat: float


@dataclass(frozen=True)
class Asking:
    """One way of asking a performer: what for, and by which critic the best drawing is chosen."""

    name: str
    conditioning: Conditioning
    critic: Critic | None


@dataclass(frozen=True)
class Side:
    """One row of a comparison: who is told from people, how well, and how steady they are."""

    name: str
    telling: Telling
    pulse: Pulse


def pulse(phrases: Sequence[Phrase]) -> Pulse:
    """Of all windows of some phrases, one from their start and one from 6 s on, …"""
    found = [
        steadiness(onsets, start)
        for phrase in phrases
        for onsets in [np.array([n.onset_s for n in phrase.notes])]
        for start in np.arange(0.0, max(phrase.length_s - WINDOW_S, 0.0) + 0.1, WINDOW_S / 2)
    ]
    values = np.array(found or [0.0])
    return Pulse(float(values.mean()), float(np.quantile(values, 0.9)), float(np.mean(values > HAS_A_BEAT)))


def compare(
    performer: Pianist,
    people: Sequence[Performance],
    askings: Sequence[Asking],
    quotations: Quotations | None,
    limit: int,
    count: int = 150,
    seed: int = 1,
    following: Following = iter,
    weights: Sequence[float] | None = None,
) -> list[Side]:
    """People against other people, and against what a performer plays, drawn and chosen as it always is.

    Args:
        people: playing that it is told from; more than one piece.
        askings: ways of asking, each a row.
        limit: most notes that may be quoted.
        following: passes numbers on, one for each drawing; may show how far it is.
        weights: how often excerpts come from each piece, relative to the others; None takes them in turn.

    Raises:
        ValueError: too little playing by people for excerpts of 20 s.
    """
    pool = _excerpts(people, weights, 0, POOL * count, seed)
    rest = _excerpts(people, weights, 1, count, seed + 1)
    everybody = pool + _excerpts(people, weights, 1, POOL * count, seed + 2)
    if min(len(pool), len(rest)) < 2 * LEAST_NOTES:
        raise ValueError(f"too little playing to compare with: {len(pool)} and {len(rest)} excerpts of {EXCERPT_S:g} s")
    drawn = {
        asking.name: _numbered(
            draw_kept(performer, seed + number, asking.conditioning, quotations, limit, critic=asking.critic).phrase
            for number in following(range(count))
        )
        for asking in askings
    }
    sides = [("people, other pieces", rest, pool), *((name, found, everybody) for name, found in drawn.items())]
    return [
        Side(name, tell_apart(matched(found, peoples), found, seed), pulse([e.phrase for e in found]))
        for name, found, peoples in sides
    ]


def _excerpts(
    people: Sequence[Performance], weights: Sequence[float] | None, half: int, count: int, seed: int
) -> list[Excerpt]:
    """Excerpts from every second piece: the first, the third, … are `half` 0, the others 1."""
    places = np.arange(half, len(people), 2)
    if weights is not None and len(places):
        share = np.asarray(weights)[places]
        places = np.random.default_rng(seed).choice(places, count, p=share / share.sum())
    chosen = [people[place] for place in places.tolist()]
    return stretches([p.phrase for p in chosen], [p.name for p in chosen], EXCERPT_S, count, seed)


def _numbered(phrases: Iterable[Phrase | None]) -> list[Excerpt]:
    """Each drawing is a piece of its own; those with too few notes are left out, and long ones are cut."""
    found = [stretch(p, 0.0, EXCERPT_S) for p in phrases if p is not None]
    return [Excerpt(p, f"drawn {number}") for number, p in enumerate(found) if len(p.notes) >= LEAST_NOTES]
