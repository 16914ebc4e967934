"""From a performer to a phrase that a room may keep: the best of some that pass the filter and quote little."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from engine.music.notes import Phrase
from engine.music.phrases.filter import judge
from models.performers.criticism.critic import Critic
from models.performers.drawing.performer import Conditioning
from models.performers.drawing.pulse_keeping import mean_steadiness, place_among_people, steadied, varied_beat
from models.performers.drawing.returning import share_brought_back
from models.performers.quotation.quotation import Quotations

ATTEMPTS: Final = 6
"""So many are drawn before a phrase is given up."""

CANDIDATES: Final = 8
"""So many that may be kept are drawn where there is a critic; the best is taken."""

OFF_PACE: Final = 1.0
"""What an octave (twice or half the density that was asked for) costs, in the critic's log-odds."""

OFF_BEAT: Final = 16.0
"""What it costs to be all unsteady where a metronome was wanted, or the other way round, in log-odds: how steady a beat
may be made depends on what was drawn, so that the mean would stay below people's."""

MISSED_RETURN: Final = 12.0
"""What it costs to bring all of a theme back where nothing was asked for, or nothing where all was, in log-odds."""

NEXT_SEED: Final = 1_000_003
QUOTES_TOO_MUCH: Final = "quotes {} notes of its training set"


class Pianist(Protocol):
    """Anything that draws phrases."""

    def draw(self, seed: int, conditioning: Conditioning) -> Phrase:
        """A phrase; the same seed and conditioning give the same one."""


@dataclass(frozen=True)
class Kept:
    """What came of asking for a phrase; `phrase` is None when no attempt was worth keeping.

    `quoted_notes` is its longest quotation, `refused` says of each other attempt what spoke against it, `score` is the
    critic's, less what it costs to miss the density asked for.
    """

    phrase: Phrase | None
    quoted_notes: int = 0
    refused: tuple[str, ...] = ()
    score: float = 0.0


def draw_kept(
    performer: Pianist,
    seed: int,
    conditioning: Conditioning,
    quotations: Quotations | None,
    most_quoted_notes: int,
    between: Callable[[], None] = lambda: None,
    critic: Critic | None = None,
    candidates: int = CANDIDATES,
) -> Kept:
    """The best of some drawings that the musical filter keeps and that quote at most `most_quoted_notes`.

    Args:
        quotations: the performer's training set; None asks for no limit.
        between: called before each attempt, of which one takes up to a second.
        critic: says how steady people's beat is, where none is asked for, and, if it chooses, which is best; otherwise
            the first is taken, or the one that brings back as much as asked.
        candidates: how many the critic chooses from.
    """
    refused: list[str] = []
    found: list[Kept] = []
    beat = wanted_steadiness(seed, conditioning, critic)
    choosing = critic is not None and critic.chooses
    enough = candidates if choosing or conditioning.returns is not None else 1
    for attempt in range(ATTEMPTS + enough - 1):
        if len(found) == enough or (not found and attempt == ATTEMPTS):
            break
        between()
        drawn = performer.draw(seed + attempt * NEXT_SEED, conditioning)
        density_notes_per_s, weights = asked_density(drawn, conditioning), conditioning.pitch_class_weights
        verdict = judge(drawn, density_notes_per_s, conditioning.phrase_s, weights, conditioning.primer.notes)
        if verdict.phrase is None:
            refused.append(", ".join(verdict.reasons))
            continue
        phrase = verdict.phrase if beat is None else steadied(verdict.phrase, beat)
        quoted_notes = quotations.longest_run_notes(phrase) if quotations else 0
        if quoted_notes <= most_quoted_notes:
            found.append(Kept(phrase, quoted_notes, score=_score(phrase, conditioning, critic, beat)))
        else:
            refused.append(QUOTES_TOO_MUCH.format(quoted_notes))
    best = max(found, key=lambda kept: kept.score, default=Kept(None))
    return replace(best, refused=tuple(refused))


def wanted_steadiness(seed: int, conditioning: Conditioning, critic: Critic | None) -> float | None:
    """What to aim at: about what the mood asks for, or people, of whom some are freer and others steadier; None where
    nobody knows."""
    if conditioning.beat is not None:
        return varied_beat(conditioning.beat, seed)
    return None if critic is None else critic.usual_steadiness(place_among_people(seed))


def _score(phrase: Phrase, conditioning: Conditioning, critic: Critic | None, beat: float | None) -> float:
    """How much like people's playing, as far as a critic is there to say, and how near to what was asked."""
    like_people = critic.score(phrase) if critic is not None and critic.chooses else 0.0
    missed = 0.0
    if conditioning.returns is not None:
        missed = MISSED_RETURN * abs(share_brought_back(phrase, conditioning.primer) - conditioning.returns)
    off_beat = 0.0 if beat is None else OFF_BEAT * abs(mean_steadiness(phrase) - beat)
    return like_people - _off_pace(phrase, conditioning) - off_beat - missed


def _off_pace(phrase: Phrase, conditioning: Conditioning) -> float:
    """What a phrase loses by being busier or thinner than it was asked to be."""
    played = max(len(phrase.notes) / max(phrase.length_s, 1.0), 0.01)
    return OFF_PACE * abs(math.log2(played / asked_density(phrase, conditioning)))


def asked_density(phrase: Phrase, conditioning: Conditioning) -> float:
    """Notes per second that a phrase was asked for, or, where nothing was asked, its own."""
    if conditioning.density_notes_per_s is not None:
        return conditioning.density_notes_per_s
    return max(len(phrase.notes) / max(phrase.length_s, 1.0), 0.1)
