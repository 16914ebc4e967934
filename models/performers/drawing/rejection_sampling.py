"""From a performer to a phrase that a room may keep: drawn again while the filter refuses it or it quotes too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from engine.music.notes import Phrase
from engine.music.phrases.filter import judge
from models.performers.drawing.performer import Wishes
from models.performers.quotation.quotation import Quotations

ATTEMPTS: Final = 6
NEXT_SEED: Final = 1_000_003
QUOTES_TOO_MUCH: Final = "quotes {} notes of its training set"


class Pianist(Protocol):
    """Whatever draws phrases."""

    def draw(self, seed: int, wishes: Wishes) -> Phrase:
        """A phrase; the same seed and wishes give the same one."""


@dataclass(frozen=True)
class Kept:
    """What came of asking for a phrase; `phrase` is None when no attempt was worth keeping.

    `quoted_notes` is its longest quotation, `refused` says of each earlier attempt what spoke against it.
    """

    phrase: Phrase | None
    quoted_notes: int = 0
    refused: tuple[str, ...] = ()


def draw_kept(
    performer: Pianist,
    seed: int,
    wishes: Wishes,
    quotations: Quotations | None,
    most_quoted_notes: int,
    between: Callable[[], None] = lambda: None,
) -> Kept:
    """The first of `ATTEMPTS` drawings that the musical filter keeps and that quotes at most `most_quoted_notes`.

    Args:
        quotations: the performer's training set; None asks for no limit.
        between: called before each attempt, of which one takes up to a second.
    """
    refused: list[str] = []
    for attempt in range(ATTEMPTS):
        between()
        drawn = performer.draw(seed + attempt * NEXT_SEED, wishes)
        verdict = judge(drawn, asked_density(drawn, wishes), wishes.phrase_s, wishes.pitch_class_weights)
        if verdict.phrase is None:
            refused.append(", ".join(verdict.reasons))
            continue
        quoted_notes = quotations.longest_run_notes(verdict.phrase) if quotations else 0
        if quoted_notes <= most_quoted_notes:
            return Kept(verdict.phrase, quoted_notes, tuple(refused))
        refused.append(QUOTES_TOO_MUCH.format(quoted_notes))
    return Kept(None, 0, tuple(refused))


def asked_density(phrase: Phrase, wishes: Wishes) -> float:
    """Notes per second that a phrase was asked for, or, where nothing was asked, its own."""
    if wishes.density_notes_per_s is not None:
        return wishes.density_notes_per_s
    return max(len(phrase.notes) / max(phrase.length_s, 1.0), 0.1)
