"""The scales on which numbers travel and are mixed: decibels as power, frequencies and times as logarithms.

Levels are mixed as power (equal-power crossfade): half-way between a layer that plays and one that does not, each is
3 dB down and the sum stands still. Half-way in decibels would be a hole, since silence is -60 dB.
"""

from __future__ import annotations

import math
from typing import Final, Literal

from engine.parameters.address import Address

Scale = Literal["linear", "log", "power"]
SILENCE_DB: Final = -60.0
"""The lower end of every level: a layer, a stem or a room there is closed, and gives nothing at all."""


def scale_of(row: Address) -> Scale:
    """How the numbers of an address are mixed."""
    return "power" if row.unit == "dB" else row.curve


def gain_of_db(level_db: float) -> float:
    """Linear gain; at `SILENCE_DB` and below, nothing at all."""
    return 0.0 if level_db <= SILENCE_DB else float(10 ** (level_db / 20))


def to_scale(scale: Scale, value: float) -> float:
    if scale == "power":
        return 0.0 if value <= SILENCE_DB else 10.0 ** (value / 10.0)
    return math.log(value) if scale == "log" else value


def from_scale(scale: Scale, position: float) -> float:
    if scale == "power":
        return max(SILENCE_DB, 10.0 * math.log10(position)) if position > 0.0 else SILENCE_DB
    return math.exp(position) if scale == "log" else position
