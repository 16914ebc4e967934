"""Places of layers as gains."""

from __future__ import annotations

import math


def places_of_sides(pan: float) -> tuple[float, float]:
    """Where left and right side of a layer stand, 0 left to 1 right, for a pan from -1 to 1.

    The side that is panned away moves over to the other, so nothing is lost.
    """
    return max(0.0, pan), 1.0 + min(0.0, pan)


def pan_gain(pan: float) -> float:
    """What keeps the power of a mono sound, whose sides would add up where they meet."""
    return 1.0 / math.sqrt(1.0 + math.sin(abs(pan) * math.pi / 2))
