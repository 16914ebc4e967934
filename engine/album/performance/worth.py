"""What a take is worth: in the scale, as long, as dense and as high as was asked, and playing like people's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from engine.album.plan.plan import PlannedSection
from engine.music.arranging.arranger import SPLIT_PITCH
from engine.music.notes import Note, Phrase, Score
from engine.music.phrases.filter import share_in_key
from engine.music.phrases.repair import FEWEST_NOTES
from engine.music.scale import Scale

REFUSED: Final = -10.0
SWINGING: Final = 0.4
"""That brushes, where they are asked for, found a beat to play to."""
OFF_LENGTH: Final = 0.7
OFF_REGISTER: Final = 0.6
"""An octave beside the register that was asked for."""
OFF_PACE: Final = 0.25
"""Twice or half as many notes as were asked for."""
LIKE_PEOPLE: Final = 0.08
"""Of the critic's log-odds, which count from -`MOST_LOG_ODDS` to that."""
MOST_LOG_ODDS: Final = 4.0
UNPLAYED: Final = 0.5
"""A voice that was asked for and found nothing to play."""


def worth(phrase: Phrase, score: Score, planned: PlannedSection, wanted_s: float, critic_says: float) -> float:
    """Of one phrase and its score for its place; `critic_says` are log-odds that a person played it, 0 without one."""
    if len(phrase.notes) < FEWEST_NOTES:
        return REFUSED
    weights = Scale.from_settings(planned.settings.scale).pitch_class_weights(1.0)
    swings = SWINGING if score.voices.get("drums") else 0.0
    found = share_in_key(phrase.notes, weights) + swings - OFF_LENGTH * abs(score.length_s - wanted_s) / wanted_s
    found += LIKE_PEOPLE * min(max(critic_says, -MOST_LOG_ODDS), MOST_LOG_ODDS)
    return found - _off_register(score, planned) - _off_pace(score, planned) - _unplayed(score, planned)


def right_hand_pitch(notes: Sequence[Note]) -> float | None:
    """Mean pitch of the right hand, None where it does not play."""
    right = [note.pitch for note in notes if note.pitch >= SPLIT_PITCH]
    return sum(right) / len(right) if right else None


def _off_register(score: Score, planned: PlannedSection) -> float:
    asked = planned.section.register_pitch
    piano = score.voices.get("piano", ())
    if asked is None or not piano:
        return 0.0
    found = right_hand_pitch(piano)
    return OFF_REGISTER * (abs(found - asked) / 12 if found is not None else 1.5)


def _off_pace(score: Score, planned: PlannedSection) -> float:
    count = len(score.voices.get("piano", ()))
    asked = planned.settings.performer.density_notes_per_s
    return OFF_PACE * abs(math.log2(max(count, 1) / max(score.length_s, 1.0) / asked)) if count else 0.0


def _unplayed(score: Score, planned: PlannedSection) -> float:
    voices = [name for name in ("cello", "bells", "chords", "guitar") if _asked(planned, name) >= 0.5]
    return UNPLAYED * sum(not score.voices.get(name) for name in voices) / max(len(voices), 1)


def _asked(planned: PlannedSection, voice: str) -> float:
    return float(getattr(planned.settings.voice, voice).density)
