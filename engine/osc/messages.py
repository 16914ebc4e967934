"""Every message between the processes of the installation, once: its address, types, sender and receiver.

    supervisor ◀─ reports ── room, renderer, sampler, archivist, MIDI, hub    a UDP port of its own, on this machine
    hub        ◀─ reports ── the same, and the supervisor                     the base port, as for everybody outside
    room       ◀─ orders ─── hub (values), supervisor (start, stop, record), renderer (reels)
    renderer   ◀─ orders ─── hub (values, moods, visitors); what the room reports of reels

The supervisor hears the others directly: what it knows does not depend on the hub. What people outside may say, and
what they are told, stands in `engine.parameters.addresses`; reports marked `shown` go on to them as they are.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final

from engine.parameters.stems import STEMS


class Report(StrEnum):
    """What a process says of itself, from this machine only. Types: f a number, s a text, * whatever."""

    types: str
    shown: bool
    """Whether the hub passes it on to everybody outside who listens."""

    def __new__(cls, path: str, types: str, shown: bool = False) -> Report:
        one = str.__new__(cls, path)
        one._value_, one.types, one.shown = path, types, shown
        return one

    SAMPLER_ALIVE = "/sampler/alive", "f"
    ARCHIVIST_ALIVE = "/archivist/alive", "f"
    KEEP_NOW = "/keep/now", "s", True
    MIDI_ALIVE = "/midi/alive", "f"
    MIDI_DEVICES = "/midi/devices", "s", True
    INSTRUMENTS_ALIVE = "/instruments/alive", "f"
    INSTRUMENTS_PORTS = "/instruments/ports", "s", True
    """MIDI ports that play voices now, or "none"."""
    STREAMER_ALIVE = "/streamer/alive", "f"
    STREAM_NOW = "/stream/now", "s", True
    """Where the room is streamed to, or "waiting"."""
    ZONES_ALIVE = "/zones/alive", "f"
    SNAPSERVER_ALIVE = "/snapserver/alive", "f"
    """Said by who feeds it: it has taken sound."""
    WEB_ALIVE = "/web/alive", "f"
    WEB_PAGE = "/web/page", "s", True
    """Where a phone finds the page, or "none"."""
    WEB_CODE = "/web/code", "fs", True
    """That address as a QR code; see `engine.hub.oscquery.page_code`."""
    ALERT_NOW = "/alert/now", "s", True
    """What lasts that people elsewhere were told of."""
    RENDERER_HELLO = "/renderer/hello", "*"
    RENDERER_LEAD = "/renderer/lead", "f"
    RENDERER_NONFINITE = "/renderer/nonfinite", "f"
    RENDERER_TEXTURE = "/renderer/texture", "ss"
    PHRASE_NOW = "/phrase/now", "s", True
    PHRASE_UPCOMING = "/phrase/upcoming", "s", True
    ERROR = "/error", "ss"
    """Address and what was wrong with it. The supervisor logs it; the hub hears of it from there."""
    ROOM_HELLO = "/room/hello", "*"
    REEL_PLAYING = "/reel/playing", "s"
    REEL_BAD = "/reel/bad", "s"
    ROOM_LATE = "/room/late", "f"
    ROOM_HOLD = "/room/hold", "f"
    ROOM_QUEUE = "/room/queue", "f"
    ROOM_METER = "/room/meter", "ff", True
    ROOM_OUTPUT = "/room/output", "ffff"
    ROOM_WAITING = "/room/waiting", "*"
    """A spare room says that it is there."""
    ROOM_STOPPED = "/room/stopped", "*"
    ROOM_INSERT = "/room/insert", "ss", True
    """A stem, and whether the patch in its way is heard; see `pd_patches/room/insert-watch.pd`."""
    HOLD_LOADED = "/hold/loaded", "*"
    HOLD_BAD = "/hold/bad", "s"
    RECORD_STARTED = "/record/started", "s"
    RECORD_DONE = "/record/done", "s"
    RECORD_FAILED = "/record/failed", "s"
    HUB_ALIVE = "/hub/alive", "sfff"
    """Mood, seed, whether sound is wanted (1) or closed faders ask for silence (0), decibels it is turned up by."""
    TROUBLE = "/supervisor/trouble", "ss"
    """Address (empty where it is for the journal alone) and text: the supervisor has logged a warning."""
    LAMP = "/supervisor/lamp", "sf"
    """Name of a part; 1 on, 0.5 starting, 0 off."""
    LATE = "/supervisor/late", "f"
    """How often the room had to go to its hold loop since the start."""


class Order(StrEnum):
    """What the processes tell each other to do, besides values."""

    ROOM_START = "/room/start"
    ROOM_STOP = "/room/stop"
    HOLD_LOAD = "/hold/load"
    HEARD_START = "/heard/start"
    ZONES_START = "/zones/start"
    INSERTS_OFF = "/insert/off"
    """The room computes its sound too slowly: it does without patches in the way of stems."""
    RECORD_START = "/record/start"
    RECORD_STOP = "/record/stop"
    REEL_READY = "/reel/ready"
    GLIDE_S = "/renderer/glide_s"
    VISITOR = "/renderer/visitor"
    """A phrase as JSON, for the performer to go on from."""
    CHORD = "/renderer/chord"
    """Keys, lowest first: the harmony of all that begins from now on. None: that of the mood again."""
    INSTRUMENTS = "/renderer/instruments"
    """A list as JSON: what voices name as their MIDI port, as far as it is there."""


METERS: Final = frozenset(f"/meter/{stem}" for stem in STEMS)
_REPORTS: Final = {str(report): report for report in Report}
SHOWN: Final = METERS | {str(report) for report in Report if report.shown}
"""Reports that go on to everybody outside as they are."""
_METER_TYPES: Final = "ff"


def is_report(path: str) -> bool:
    return path in _REPORTS or path in METERS


def fits(path: str, arguments: tuple[object, ...]) -> bool:
    """Whether the arguments of a report are what its address promises."""
    types = _REPORTS[path].types if path in _REPORTS else _METER_TYPES
    if types == "*":
        return True
    return len(types) == len(arguments) and all(
        isinstance(argument, str) if kind == "s" else isinstance(argument, int | float) and math.isfinite(argument)
        for kind, argument in zip(types, arguments, strict=True)
    )
