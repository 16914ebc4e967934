"""What small networks do for the renderer's conductor: hands for what is made by rule, and what lies between phrases.

Where their weights are damaged the music goes on without them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.errors import WeightsError
from engine.music.conductor.interpolation import Interpolating
from engine.music.humanising import Humanise, as_written
from engine.music.notes import Note
from engine.music.scale import Scale
from models.performers.humaniser.humaniser import humanised
from models.performers.interpolation.interpolation import shipped

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


class Between:
    """See `engine.music.conductor.interpolation.Interpolating`; `complain` is told why no phrase turns into another."""

    def __init__(self, complain: Complain, network: Callable[[], Interpolating] = shipped) -> None:
        self._complain, self._network = complain, network

    def towards(self, notes: Sequence[Note], other: Sequence[Note], share: float, scale: Scale) -> tuple[Note, ...]:
        """Nothing where the network cannot be read."""
        try:
            return self._network().towards(notes, other, share, scale)
        except WeightsError as error:
            return self._without(error)

    def bridge(self, before: Sequence[Note], after: Sequence[Note], scale: Scale) -> tuple[Note, ...]:
        """Nothing where the network cannot be read."""
        try:
            return self._network().bridge(before, after, scale)
        except WeightsError as error:
            return self._without(error)

    def _without(self, error: WeightsError) -> tuple[Note, ...]:
        self._complain(f"{error}; until then no phrase turns into another")
        return ()
