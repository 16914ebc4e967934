"""A performer with its critic, loaded by name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from engine.album.performance.worth import MOST_LOG_ODDS
from engine.music.notes import Note, Phrase
from models.common.weights import weights_path
from models.performers.accompaniment.accompanist import accompanied
from models.performers.criticism.critic import Critic
from models.performers.drawing.performer import Conditioning, Performer
from models.performers.quotation.recognition import RECOGNISED_NOTES, book_beside

WELL_KNOWN_NOTES: Final = 2 * RECOGNISED_NOTES
"""So many notes of its book in a row are all that is wished of who knows one by heart."""


class Pianist:
    """Draws phrases, and says of any how likely a person played it."""

    def __init__(self, name: str) -> None:
        """Raises `WeightsError`."""
        weights = weights_path(name)
        self._performer, self._critic = Performer(name, weights), Critic.beside(weights)
        self._book = book_beside(weights)

    def draw(self, seed: int, conditioning: Conditioning) -> Phrase:
        return self._performer.draw(seed, conditioning)

    def criticise(self, phrase: Phrase) -> float:
        """Log-odds; 0 where there is no critic or too little to judge.

        Who knows a book by heart is not asked to play like others, but so that the book is recognised.
        """
        if self._book is not None:
            known = min(self._book.longest_run_notes(phrase) / WELL_KNOWN_NOTES, 1.0)
            return MOST_LOG_ODDS * (2.0 * known - 1.0)
        said = self._critic.score(phrase) if self._critic else 0.0
        return said if math.isfinite(said) else 0.0

    def accompany(self, melody: Sequence[Note], seed: int, conditioning: Conditioning) -> Phrase:
        """The melody and what goes with it."""
        return accompanied(self._performer, melody, seed, conditioning)
