"""Which of the phrases that are there follows best, so that an hour moves by small steps and nothing waits for ever."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from engine.music.notes import Phrase
from engine.music.phrases.traits import Traits, misfit, traits_of
from engine.music.scale import Scale, in_key, quantise_notes

STRICTNESS: Final = 0.04
"""A phrase that fits worse by this much is chosen about a third as often."""
LONGEST_WAIT: Final = 8
"""A phrase passed over this often is next, however it fits."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase that could come next: the number of its request, and how often others were taken before it."""

    index: int
    phrase: Phrase
    traits: Traits
    passed_over: int = 0


def heard_traits(phrase: Phrase, scale: Scale) -> Traits:
    """Traits of a phrase as it will be heard: brought into a scale."""
    return traits_of(quantise_notes(in_key(phrase.notes, scale), scale))


def fit(before: Traits | None, after: Traits) -> float:
    """How readily `after` follows, above 0 and at most 1; after nothing everything does."""
    return 1.0 if before is None else math.exp(-misfit(before, after) / STRICTNESS)


def next_of(candidates: Sequence[Candidate], before: Traits | None, generator: Random) -> Candidate:
    """One of `candidates` (at least one): by chance, likelier the better it fits; one overdue goes first."""
    overdue = [candidate for candidate in candidates if candidate.passed_over >= LONGEST_WAIT]
    if overdue:
        return min(overdue, key=lambda candidate: candidate.index)
    weights = [fit(before, candidate.traits) for candidate in candidates]
    return generator.choices(candidates, weights)[0] if sum(weights) > 0 else candidates[0]
