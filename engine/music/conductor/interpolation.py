"""A theme on its way to another: asked for one phrase ahead, since it takes the sampler a third of a second.

How passages turn into each other is known to a network, see `models.performers.interpolation`. Between two moods
nothing of the kind is possible: what follows a change of mood is fixed at once, since the reversed piano looks ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from engine.music.conductor.phrase_memory import PhraseMemory, Remembered
from engine.music.notes import Note, Phrase
from engine.music.phrases.repair import FEWEST_NOTES
from engine.music.phrases.store import Request
from engine.music.scale import Scale, in_key, quantise_notes

NETWORK: Final = "interpolation"
LIGHTEST: Final = 0.2
BOLDEST: Final = 0.45
"""How far a theme goes towards another where little and where much variation is asked for; at half it is neither."""
HOW_OFTEN: Final = 0.5
"""Of the themes that are varied boldly, so many go towards another."""


@dataclass(frozen=True, slots=True)
class ThemeOnItsWay:
    """A return that was asked for: of what, towards which other phrase, and the request."""

    theme: Remembered
    other: int
    request: Request

    @property
    def origin(self) -> str:
        """What people are told."""
        return f"on the way to #{self.other}"

    def heard(self, drawn: Phrase, scale: Scale) -> Phrase | None:
        """What is heard of what came, from its first note on; None where that is too little."""
        found = quantise_notes(drawn.notes, scale)
        notes = tuple(replace(note, onset_s=note.onset_s - found[0].onset_s) for note in found)
        return replace(self.theme.phrase, notes=notes) if len(notes) >= FEWEST_NOTES else None


def on_the_way(
    recalled: Remembered, memory: PhraseMemory, scale: Scale, variation: float, generator: Random, request: Request
) -> ThemeOnItsWay | None:
    """A remembered phrase on its way to another of the same mood; None where it goes nowhere.

    The more variation, 0..1, is asked for, the more often and the further.

    Args:
        request: what is asked for anyway.
    """
    others = [entry for entry in memory.entries if entry.number != recalled.number and entry.mood == recalled.mood]
    if not others or generator.random() >= HOW_OFTEN * variation:
        return None
    other = generator.choice(others)
    share = round(LIGHTEST + variation * (BOLDEST - LIGHTEST), 2)
    begins, aims = _in_scale(recalled.phrase, scale), _in_scale(other.phrase, scale)
    asked = replace(request, performer=NETWORK, primer=begins, towards=aims, share=share)
    return ThemeOnItsWay(recalled, other.number, asked)


def _in_scale(phrase: Phrase, scale: Scale) -> tuple[Note, ...]:
    return quantise_notes(in_key(phrase.notes, scale), scale)
