"""What Pd must know of where loudspeakers stand: the arrays that `ring-weight` and `free-weight` look into."""

from __future__ import annotations

import math

from engine.parameters.loudspeakers import Loudspeakers


def law(room: Loudspeakers) -> str:
    """By which of the two weights sources are placed. One loudspeaker is no ring."""
    return "free" if len(room.placed) == 1 else room.panning


def tables(room: Loudspeakers) -> dict[str, list[float]]:
    """Arrays by name. Those with an entry per loudspeaker count from 1, as Pd's `clone` does."""
    return _ring_tables(room) if law(room) == "ring" else _free_tables(room)


def sides(room: Loudspeakers) -> list[tuple[float, float]]:
    """Per loudspeaker the gains of a left and a right that shall be everywhere on their side, as reverberation is.

    How far to the side it stands decides; the power of either over all loudspeakers is 1.
    """
    across = [math.sin(math.radians(one.direction_deg)) for one in room.placed]
    if law(room) == "free":
        across = _from_middle([one.place_m[0] for one in room.placed])
    widest = max(map(abs, across))
    leaning = [value / widest if widest > 1e-6 else 0.0 for value in across]
    left, right = [(1.0 - value) / 2.0 for value in leaning], [(1.0 + value) / 2.0 for value in leaning]
    return [(math.sqrt(one / sum(left)), math.sqrt(other / sum(right))) for one, other in zip(left, right, strict=True)]


def _ring_tables(room: Loudspeakers) -> dict[str, list[float]]:
    ring = room.ring
    where = [one.direction_deg for one in ring]
    after = [(other - own) % 360.0 for own, other in zip(where, (*where[1:], where[0]), strict=True)]
    before = [after[-1], *after[:-1]]
    order = [ring.index(one) for one in room.placed]
    rows = {"speaker-azimuth": where, "speaker-after": after, "speaker-before": before}
    return {name: [0.0, *(values[n] for n in order)] for name, values in rows.items()}


def _free_tables(room: Loudspeakers) -> dict[str, list[float]]:
    x_m, y_m = zip(*(one.place_m for one in room.placed), strict=True)
    right, ahead = _from_middle(list(x_m)), _from_middle(list(y_m))
    half = [max(map(abs, right)), max(map(abs, ahead)), room.blur_m]
    return {"speaker-x": [0.0, *right], "speaker-y": [0.0, *ahead], "speaker-room": half}


def _from_middle(values: list[float]) -> list[float]:
    middle = (min(values) + max(values)) / 2.0
    return [value - middle for value in values]
