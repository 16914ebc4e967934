"""Writes the Pd patch that mixes the zones of a room and leaves them in memory: `zones.pd`, opened beside `room.pd`.

All zones are channels of one file, so that no zone can get ahead of another. Who reads it is not Pd's concern.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.files.atomic import write_whole
from engine.parameters.elsewhere import Zone
from engine.parameters.scaling import gain_of_db
from engine.room.loudspeakers.patch import ROW, Canvas

BUFFER_BYTES: Final = 1_572_864
"""Of a `writesf~`, for each channel: a whole file of 24 bits."""
CEILING_DB: Final = -1.0


def channels(zones: Mapping[str, Zone]) -> int:
    """Of the file; zones lie in it in the order of the room's file, one or two channels each."""
    return sum(1 if zone.mono else 2 for zone in zones.values())


def write_zones(zones: Mapping[str, Zone], path: Path) -> None:
    """Write `path` in one step. The same zones give the same text."""
    write_whole(path, zones_text(zones))


def zones_text(zones: Mapping[str, Zone]) -> str:
    patch = Canvas("zones", (760, 300 + ROW * len(zones)))
    patch.box(20, 12, "Zones of a room: written by engine/room/zones_patch.py. Opened before room.pd., f 90", "text")
    tape = patch.box(420, 110, "heard-tape")
    patch.cord(patch.box(420, 60, "r room-zones"), 0, tape)
    bottom = 110 + ROW * (len(zones) + 1)
    count = channels(zones)
    writers = [patch.box(30, bottom + ROW * n, f"writesf~ {count} {count * BUFFER_BYTES}, f 60") for n in (0, 1)]
    for outlet, writer in enumerate(writers):
        patch.cord(tape, outlet, writer)
    channel = 0
    for row, (name, zone) in enumerate(zones.items()):
        box = patch.canvas(30, 70 + row * ROW, _zone(name, zone))
        for outlet in range(1 if zone.mono else 2):
            for writer in writers:
                patch.cord(box, outlet, writer, channel)
            channel += 1
    return patch.lines() + "\n"


def _zone(name: str, zone: Zone) -> Canvas:
    """Its stems as room.pd crosses them with the hold loop, the level of the room, and its own."""
    canvas = Canvas(name, (900, 260 + 30 * len(zone.stems)))
    low = 90 + 30 * len(zone.stems)
    gain = gain_of_db(zone.level_db)
    sides = [_side(canvas, side, zone, 30 + 420 * n, low) for n, side in enumerate("lr")]
    if zone.mono:
        half = canvas.box(30, low + 3 * ROW, f"*~ {gain / 2:.7g}")
        for side in sides:
            canvas.cord(side, 0, half)
        ends = [half]
    else:
        ends = []
        for n, side in enumerate(sides):
            ends.append(canvas.box(30 + 420 * n, low + 3 * ROW, f"*~ {gain:.7g}"))
            canvas.cord(side, 0, ends[-1])
    for n, end in enumerate(ends):
        canvas.chain(end, [f"output-limiter~ {CEILING_DB:g}", "outlet~"], 30 + 420 * n, low + 4 * ROW)
    return canvas


def _side(canvas: Canvas, side: str, zone: Zone, x: int, low: int) -> int:
    """Left or right of the zone, before its own level; the number of the last box."""
    reels = canvas.box(x, low, "*~")
    for n, stem in enumerate(zone.stems):
        canvas.cord(canvas.box(x, 40 + 30 * n, f"receive~ stem-{stem}-{side}"), 0, reels)
    canvas.cord(canvas.box(x + 200, low - ROW, "receive~ room-reels"), 0, reels, 1)
    holds = canvas.box(x + 200, low + ROW, "*~")
    canvas.cord(canvas.box(x + 200, low, f"receive~ room-hold-{side}"), 0, holds)
    canvas.cord(canvas.box(x + 310, low, "receive~ room-holds"), 0, holds, 1)
    whole = canvas.box(x, low + 2 * ROW, "*~")
    canvas.cord(reels, 0, whole)
    canvas.cord(holds, 0, whole)
    canvas.cord(canvas.box(x + 200, low + 2 * ROW - 10, "receive~ room-gain"), 0, whole, 1)
    return whole
