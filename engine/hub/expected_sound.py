"""What the room's faders ask for, so that the sound watchdog raises no alarm for a silence that is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.parameters.room import heard_stems
from engine.parameters.stems import LAYERS, STEMS

LOWEST_DB: Final = -60.0
"""A fader here is closed."""


def expected_sound(values: Mapping[str, object]) -> tuple[bool, float]:
    """Whether sound is wanted, and by how many decibels it was turned up by hand; `values` by address."""
    closed = bool(values.get("/room/silent")) or _number(values.get("/room/level_db")) <= LOWEST_DB
    heard = any(_number(values.get(f"/stem/{name}/level_db")) > LOWEST_DB for name in heard_stems(values) & set(LAYERS))
    stems_db = [_number(values.get(f"/stem/{name}/level_db")) for name in STEMS]
    raised_db = max(0.0, _number(values.get("/room/level_db"))) + max(0.0, *stems_db)
    return not closed and heard, raised_db


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
