"""What lies between two phrases: a pad that leads from one mood to the next, and a theme on its way to another.

How passages turn into each other is known one floor up, see `models.performers.interpolation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final, Protocol

from engine.music.conductor.phrase_memory import PhraseMemory, Remembered
from engine.music.notes import Note, Phrase, Score
from engine.music.phrases.repair import FEWEST_NOTES
from engine.music.scale import Scale, in_key, quantise_notes
from engine.parameters.sound import SoundSettings

LIGHTEST: Final = 0.2
BOLDEST: Final = 0.45
"""How far a theme goes towards another where little and where much variation is asked for; at half it is neither."""
HOW_OFTEN: Final = 0.5
"""Of the themes that are varied boldly, so many go towards another."""
PAD: Final = "chords"
CLOSED_DB: Final = -50.0
"""A pad this soft would be a rest."""
PAD_DENSITY: Final = 1.0
ORIGIN: Final = "a pad from the mood before"
SILENT: Final = ("piano", "cello", "bells", "guitar", "drums")


class Interpolating(Protocol):
    """Whoever knows what lies between phrases; the same arguments give the same."""

    def towards(self, notes: Sequence[Note], other: Sequence[Note], share: float, scale: Scale) -> tuple[Note, ...]:
        """Some playing a share, 0..1, of the way to another's, as long as it was."""

    def bridge(self, before: Sequence[Note], after: Sequence[Note], scale: Scale) -> tuple[Note, ...]:
        """What leads from the end of one phrase to the beginning of another, without these; from second 0 on."""


def on_the_way(
    recalled: Remembered,
    memory: PhraseMemory,
    scale: Scale,
    variation: float,
    generator: Random,
    between: Interpolating | None,
) -> tuple[Phrase, str] | None:
    """A remembered phrase on its way to another of the same mood, and what is said of it; None where it goes nowhere.

    The more variation, 0..1, is asked for, the more often and the further.
    """
    others = [entry for entry in memory.entries if entry.number != recalled.number and entry.mood == recalled.mood]
    if between is None or not others or generator.random() >= HOW_OFTEN * variation:
        return None
    other = generator.choice(others)
    notes, aim = (quantise_notes(in_key(entry.phrase.notes, scale), scale) for entry in (recalled, other))
    found = between.towards(notes, aim, LIGHTEST + variation * (BOLDEST - LIGHTEST), scale)
    if len(found) < FEWEST_NOTES:
        return None
    return replace(recalled.phrase, notes=found), f"on the way to #{other.number}"


def pad_between(before: Phrase | None, after: Phrase, settings: SoundSettings, between: Interpolating | None) -> Phrase:
    """What the pad plays from the last phrase of a mood to the first of the next; nothing where none would be heard."""
    level_db = getattr(settings.layer, PAD).level_db
    if between is None or before is None or not (before.notes and after.notes) or level_db <= CLOSED_DB:
        return Phrase(())
    scale = Scale.from_settings(settings.scale)
    end, beginning = (quantise_notes(in_key(phrase.notes, scale), scale) for phrase in (before, after))
    return Phrase(between.bridge(end, beginning, scale), performer=ORIGIN)


def for_the_pad(settings: SoundSettings) -> SoundSettings:
    """Settings under which nothing but the pad plays, in the phrase's own pace."""
    alone = settings.model_copy(deep=True)
    for voice in SILENT:
        getattr(alone.voice, voice).density = 0.0
    getattr(alone.voice, PAD).density = PAD_DENSITY
    return alone


def named(score: Score) -> Score:
    """A score that says where it comes from."""
    return replace(score, origin=ORIGIN)
