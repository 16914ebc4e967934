"""Several moods at once: numbers are mixed on their own scales, the rest comes from the weightiest mood."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.parameters.address import Value
from engine.parameters.addresses import SOUND
from engine.parameters.scaling import from_scale, scale_of, to_scale


def corner_weights(x: float, y: float) -> tuple[float, float, float, float]:
    """Shares of the corners of a pad, top left, top right, bottom left, bottom right, at a point 0..1 from the top
    left; their sum is 1 (bilinear interpolation)."""
    return (1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y


def blend(parts: Sequence[tuple[Mapping[str, Value], float]]) -> dict[str, Value]:
    """Values of every sound address from those of up to four moods with their weights; not all weights are 0.

    Whole numbers, switches and texts cannot lie between two others: they are those of the largest weight, the first
    of equals.
    """
    total = sum(weight for _, weight in parts)
    heaviest = max(parts, key=lambda part: part[1])[0]
    mixed: dict[str, Value] = {}
    for row in SOUND:
        if row.kind != "float":
            mixed[row.path] = heaviest[row.path]
            continue
        scale = scale_of(row)
        position = math.fsum(to_scale(scale, float(values[row.path])) * weight for values, weight in parts) / total
        number = float(f"{from_scale(scale, position):.6g}")
        low, high = (-math.inf if row.low is None else row.low), (math.inf if row.high is None else row.high)
        mixed[row.path] = min(max(number, low), high)
    return mixed
