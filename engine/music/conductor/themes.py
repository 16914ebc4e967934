"""A theme that returns in a performer's own words: it hears the theme, its beginning again, and goes on from there.

A network that recalls goes on as the theme did, more or less: what it brings back it plays anew, where a copy that was
edited would be the same notes again. So the conductor asks for a return one phrase ahead, and only where none comes in
time does it vary the remembered phrase itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from engine.music.conductor.phrase_memory import Remembered
from engine.music.notes import Note, Phrase, sorted_notes
from engine.music.phrases.filter import judge
from engine.music.phrases.repair import FEWEST_NOTES
from engine.music.phrases.store import Request
from engine.music.scale import Scale, in_key, quantise_notes

BREATH_S: Final = 0.8
"""Between the theme and its beginning again, as the performer hears it."""

LONGEST_BEGINNING_S: Final = 5.0
SHORTEST_BEGINNING_S: Final = 2.0
"""So much of a theme is heard as it was, where nothing is to be varied and where all is."""

MOST_RESTATED: Final = 0.9
"""Share of a theme that is heard as it was, where nothing is to be varied and a room lets it be known again."""

LEAST_GOING_ON_S: Final = 6.0
MOST_BROUGHT_BACK: Final = 0.7
LEAST_BROUGHT_BACK: Final = 0.2
"""Shares of the melody that are asked to return where nothing is to be varied and where all is."""

ORIGIN: Final = "in the performer's own words"


@dataclass(frozen=True, slots=True)
class ThemeReturn:
    """A return that was asked for: of what, its beginning [seconds from 0 to `beginning_s`], and the request."""

    theme: Remembered
    beginning: tuple[Note, ...]
    beginning_s: float
    request: Request

    @property
    def origin(self) -> str:
        """What people are told."""
        return ORIGIN

    def heard(self, drawn: Phrase, scale: Scale) -> Phrase | None:  # noqa: ARG002 - it was drawn for this scale
        """What is heard of what was drawn; None where that is not worth keeping."""
        asked = self.request
        limits = (asked.density_notes_per_s, asked.phrase_s, asked.pitch_class_weights, asked.primer or ())
        kept = judge(drawn, *limits).phrase
        return None if kept is None else self.restated(kept)

    def restated(self, going_on: Phrase) -> Phrase:
        """The beginning of the theme, and how the performer went on."""
        later = (replace(note, onset_s=note.onset_s + self.beginning_s) for note in going_on.notes)
        pedal = tuple(
            replace(p, start_s=p.start_s + self.beginning_s, end_s=p.end_s + self.beginning_s) for p in going_on.pedal
        )
        return replace(going_on, notes=sorted_notes([*self.beginning, *later]), pedal=pedal)


def restated_share(variation: float) -> float:
    """Share of a theme, 0..1, that a room hears as it was before the performer goes on; little unless varied little."""
    return MOST_RESTATED * (1.0 - variation) ** 2


def theme_return(
    theme: Remembered, scale: Scale, variation: float, request: Request, restated: float = 0.0
) -> ThemeReturn | None:
    """How to ask for a theme's return, varied by 0..1; None where the theme is too short to be known by its beginning.

    Args:
        request: what is asked for anyway; its length is that of all that is heard.
        restated: share of the theme, 0..1, that is heard as it was, at least; otherwise some seconds of it.
    """
    notes = quantise_notes(in_key(theme.phrase.notes, scale), scale)
    usual_s = LONGEST_BEGINNING_S + variation * (SHORTEST_BEGINNING_S - LONGEST_BEGINNING_S)
    wanted_s = max(usual_s, restated * notes[-1].onset_s) if notes else usual_s
    later = [note.onset_s for note in notes if note.onset_s >= wanted_s]
    before = [note for note in notes if later and note.onset_s < later[0]]
    if len(before) < FEWEST_NOTES:
        return None
    beginning_s = later[0]
    beginning = tuple(replace(n, duration_s=min(n.duration_s, beginning_s - n.onset_s)) for n in before)
    again_s = max(note.end_s for note in notes) + BREATH_S
    primer = (*notes, *(replace(note, onset_s=note.onset_s + again_s) for note in beginning))
    asked = replace(
        request,
        primer=primer,
        phrase_s=max(request.phrase_s - round(beginning_s), LEAST_GOING_ON_S),
        returns=round(MOST_BROUGHT_BACK + variation * (LEAST_BROUGHT_BACK - MOST_BROUGHT_BACK), 2),
    )
    return ThemeReturn(theme, beginning, beginning_s, asked)
