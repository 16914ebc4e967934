"""MIDI that is given to a section: played by hands where a program wrote it, and in company where that is wanted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.album.plan.plan import PlannedSection
from engine.music.midi.reading import read_performance
from engine.music.notes import Phrase
from engine.seeding import seed_from
from models.performers.corpus.touch import is_deadpan
from models.performers.humaniser.humaniser import humanised


def given_midi(planned: PlannedSection, folder: Path, seed: int) -> Phrase:
    """A section's MIDI; what a program wrote is played as hands would, unless it is wanted as it is."""
    phrase = read_performance(folder / planned.section.midi).phrase
    if not (planned.section.humanised and is_deadpan(phrase)):
        return phrase
    return replace(phrase, notes=humanised(phrase.notes, seed_from(seed, "hands", planned.name)))
