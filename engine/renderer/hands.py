"""Hands for what is made by rule. Where the humaniser's weights are damaged the music goes on without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.errors import WeightsError
from engine.music.humanising import Humanise, as_written
from engine.music.notes import Note
from models.performers.humaniser.humaniser import humanised

Complain = Callable[[str], None]


class Hands:
    """`complain` is told why the humaniser does not play."""

    def __init__(self, complain: Complain, humanise: Humanise = humanised) -> None:
        self._complain, self._humanise = complain, humanise

    def play(self, score: Sequence[Note], seed: int) -> tuple[Note, ...]:
        """See `engine.music.humanising.Humanise`."""
        try:
            return self._humanise(score, seed)
        except WeightsError as error:
            self._complain(f"{error}; until then what is made by rule is played as written")
            return as_written(score, seed)
