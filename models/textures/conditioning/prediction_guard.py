"""A hand on a drawing: notes begun for it, and bounds that keep it from feeding on itself.

What a network draws is what it hears next, and what its forecast is made from. So it may take one unlikely value for an
onset and answer with a burst of noise, which the forecast then holds; or sing with its own forecast, louder and louder.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.textures.audio.linear_prediction import WINDOW, predictors
from models.textures.audio.mu_law import emphasis
from models.textures.conditioning.conditions import BAND_EDGES_HZ, PITCH_CLASSES, level_db
from models.textures.conditioning.onset_excitation import Strike, lay
from models.textures.conditioning.sampling_preset import ANYTHING

LEAST_REACH: Final = 0.02
LATELY: Final = 512
"""Values over which the present loudness is taken."""
FREE_DB: Final = 1.0
"""So much louder than planned is let pass."""
EASING_PER_DB: Final = 0.0008
"""For each dB beyond, tones fade by this share per value, 1.8 dB in a block."""
MOST_EASING: Final = 0.008


class Guide:
    """For all streams of a drawing; without arguments it leaves everything alone.

    strikes: notes to begin, per stream. surprise: how far values may stray from their forecast, as a share of the
    loudness of what was heard; `ANYTHING` lets all pass. loudness: [blocks x streams] of the coded values (RMS), which
    tones are eased down to when they grow beyond it.
    """

    def __init__(
        self,
        strikes: Sequence[Sequence[Strike]] = (),
        surprise: float = ANYTHING,
        loudness: NDArray[np.floating] | None = None,
    ) -> None:
        self._surprise, self._loudness = surprise, loudness
        self._begun: dict[int, list[tuple[int, Strike]]] = {}
        for stream, own in enumerate(strikes):
            for strike in own:
                self._begun.setdefault(strike.block, []).append((stream, strike))

    def begin(self, block: int, heard: NDArray[np.float32]) -> None:
        """Lays what begins with a block into the values heard before it [streams x WINDOW], in place."""
        for stream, strike in self._begun.get(block, ()):
            lay(heard[stream], strike)

    def predictors(self, block: int, heard: NDArray[np.float32], order: int) -> NDArray[np.float32]:
        """Predictors [streams x order] for a block; where it has grown too loud, of tones that fade."""
        taps = predictors(heard, order)
        if self._loudness is not None:
            planned = self._loudness[min(block, len(self._loudness) - 1)]
            present = np.sqrt(np.mean(heard[: len(planned), WINDOW - LATELY :] ** 2, axis=1))
            excess_db = 20.0 * np.log10(np.maximum(present, 1e-6) / np.maximum(planned, 1e-6)) - FREE_DB
            easing = np.clip(EASING_PER_DB * excess_db, 0.0, MOST_EASING)
            # Poles drawn inwards by a constant factor: tap k falls with its k-th power.
            taps[: len(planned)] *= ((1.0 - easing[:, None]) ** np.arange(order, 0, -1)).astype(np.float32)
        return taps

    def reach(self, heard: NDArray[np.float32]) -> NDArray[np.float32]:
        """How far from the forecast the next values may be drawn, for streams that heard [streams x WINDOW]."""
        if self._surprise >= ANYTHING:
            return np.full(len(heard), np.inf, np.float32)
        return np.maximum(self._surprise * np.sqrt(np.mean(heard**2, axis=1)), LEAST_REACH).astype(np.float32)


def planned_loudness(conditions: NDArray[np.float32]) -> NDArray[np.floating]:
    """RMS of the coded values [...] that conditions [... x conditions] ask for."""
    power = 10.0 ** (level_db(conditions[..., PITCH_CLASSES:]) / 10.0)
    middles_hz = np.sqrt(np.multiply(BAND_EDGES_HZ[:-1], BAND_EDGES_HZ[1:]))
    return np.sqrt(power @ np.array([emphasis(hz) ** 2 for hz in middles_hz]))
