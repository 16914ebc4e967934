"""Hands for what is made by rule. Where the humaniser's weights are damaged the music goes on without it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from engine.errors import WeightsError
from engine.music.humanising import Humanise, as_written
from engine.music.notes import Note
from models.performers.humaniser.humaniser import humanised

log = logging.getLogger(__name__)


def played_by_hands(score: Sequence[Note], seed: int, humanise: Humanise = humanised) -> tuple[Note, ...]:
    """See `engine.music.humanising.Humanise`; a humaniser that does not play is told of."""
    try:
        return humanise(score, seed)
    except WeightsError as error:
        text = "%s; until then what is made by rule is played as written"
        log.warning(text, error, extra={"where": "/renderer"})
        return as_written(score, seed)
