"""What faders and layers ask for, so that the sound watchdog raises no alarm for a silence that is wanted."""

from __future__ import annotations

from collections.abc import Mapping

from engine.parameters.room import heard_stems
from engine.parameters.scaling import SILENCE_DB
from engine.parameters.stems import LAYERS, STEMS, VOICES


def expected_sound(values: Mapping[str, object], ports: str = "none") -> tuple[bool, float]:
    """Whether sound is wanted, and by how many decibels it was turned up by hand.

    `values` by address; one that is missing counts as open. `ports`: the MIDI ports that play voices now, as
    `/instruments/ports` gives them.
    """
    closed = bool(values.get("/room/silent")) or _number(values.get("/room/level_db")) <= SILENCE_DB
    heard = any(_is_open(values, name, ports) for name in heard_stems(values) & set(LAYERS))
    stems_db = [_number(values.get(f"/stem/{name}/level_db")) for name in STEMS]
    raised_db = max(0.0, _number(values.get("/room/level_db"))) + max(0.0, *stems_db)
    return not closed and heard, raised_db


def _is_open(values: Mapping[str, object], layer: str, ports: str) -> bool:
    """Whether the loudspeakers are to play this layer."""
    levels = [_number(values.get(f"/{kind}/{layer}/level_db")) for kind in ("stem", "layer")]
    return min(levels) > SILENCE_DB and not (layer in VOICES and _is_without_sound(values, layer, ports))


def _is_without_sound(values: Mapping[str, object], voice: str, ports: str) -> bool:
    """Whether a voice plays no note, or an instrument alone plays it. A name may hold a comma, so nothing is split."""
    if values.get(f"/voice/{voice}/density") == 0:
        return True
    port = str(values.get(f"/voice/{voice}/midi_out", "")).strip()
    there = bool(port) and f", {port}, " in f", {ports}, "
    return there and bool(values.get(f"/voice/{voice}/midi_only"))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
