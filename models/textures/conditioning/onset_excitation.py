"""Notes laid into what linear prediction has heard, so that a drawing begins them.

A forecast holds whatever tone has begun, and noise just as faithfully. Left alone, a small network begins its notes
with noise. So where its conditions say that a pitch class comes up, or that the sound grows louder, a sine of that
pitch rises in the values that the forecast is made from, as if it had begun a quarter of a second ago; the network
takes it from there.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.textures.audio.linear_prediction import WINDOW
from models.textures.audio.mu_law import RATE_HZ, emphasis
from models.textures.conditioning.conditions import BAND_EDGES_HZ, PITCH_CLASSES, level_db

LOWEST_PITCH: Final = 45
HIGHEST_PITCH: Final = 79
PRESENT: Final = 0.4
"""Presence (0..1) from which a pitch class may be struck."""
RISE: Final = 0.25
RISE_BLOCKS: Final = 6
"""A pitch class that rises by so much within so many blocks (0.1 s) begins."""
LOUDER_DB: Final = 7.0
"""So does what is present when the sound grows by this within as long."""
REST_BLOCKS: Final = 24
"""No pitch class is struck twice within 0.4 s."""
MOST_AT_ONCE: Final = 4
LOUDEST: Final = 0.5


class Strike(NamedTuple):
    """A sine that begins with a block; `amplitude` is that of the coded, pre-emphasised values."""

    block: int
    hz: float
    amplitude: float


def strikes(conditions: NDArray[np.float32], rng: np.random.Generator) -> list[Strike]:
    """What to strike for conditions [blocks x conditions] of one stream; octaves and order are the generator's."""
    presence, bands_db = conditions[:, :PITCH_CLASSES], level_db(conditions[:, PITCH_CLASSES:])
    whole_db = 10.0 * np.log10(np.sum(10.0 ** (bands_db / 10.0), axis=1))
    found: list[Strike] = []
    last = np.full(PITCH_CLASSES, -REST_BLOCKS)
    for block in range(len(conditions)):
        before = max(0, block - RISE_BLOCKS)
        louder = block == 0 or whole_db[block] - whole_db[before] > LOUDER_DB
        risen = louder | (presence[block] - presence[before] > RISE)
        wanted = np.flatnonzero(risen & (presence[block] > PRESENT) & (block - last >= REST_BLOCKS))
        for pitch_class in wanted[np.argsort(-presence[block, wanted])][:MOST_AT_ONCE]:
            last[pitch_class] = block
            found.append(_strike(block, int(pitch_class), bands_db[block], min(len(wanted), MOST_AT_ONCE), rng))
    return found


def _strike(
    block: int, pitch_class: int, bands_db: NDArray[np.floating], company: int, rng: np.random.Generator
) -> Strike:
    """A sine of a pitch class in an octave where the sound is strong, as loud as its share of the band."""
    pitches = np.array([p for p in range(LOWEST_PITCH, HIGHEST_PITCH + 1) if p % PITCH_CLASSES == pitch_class])
    hz = 440.0 * 2.0 ** ((pitches - 69) / 12.0)
    levels = 10.0 ** (bands_db[np.searchsorted(BAND_EDGES_HZ, hz) - 1] / 20.0)
    chosen = int(rng.choice(len(hz), p=levels / levels.sum()))
    amplitude = float(np.sqrt(2.0 / company) * levels[chosen] * emphasis(hz[chosen]))
    return Strike(block, float(hz[chosen]), min(LOUDEST, amplitude))


def lay(values: NDArray[np.float32], strike: Strike) -> None:
    """Adds a struck note to the `WINDOW` values [WINDOW] before its block, in place; it passes nought at their end."""
    before = np.arange(-WINDOW, 0)
    rise = np.sin(0.5 * np.pi * (1.0 + before / WINDOW)) ** 2
    values += (strike.amplitude * rise * np.sin(2.0 * np.pi * strike.hz * before / RATE_HZ)).astype(np.float32)
