"""The one table of OSC addresses: it drives the server, its validation, the README and a test.

Addresses of sound and room parameters are not written down here: they are the paths of `engine.parameters.sound`
and `engine.parameters.room`, with the ranges, units and defaults given there. Only what is not a
parameter (moods, transport, reports) is listed below.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.errors import ControlError
from engine.parameters.address import Address, Kind, Owner, Value
from engine.parameters.room import RoomState
from engine.parameters.sound import SoundSettings
from engine.parameters.stems import STEMS


def _field_row(path: str, info: FieldInfo, default: Any, owner: Owner, family: str) -> Address:
    """The row for one leaf of a settings model; its range and unit come from the field."""
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    limits: dict[type, float] = {}
    pattern = ""
    for item in info.metadata:
        if isinstance(item, Ge):
            limits[Ge] = float(item.ge)  # type: ignore[arg-type]
        elif isinstance(item, Le):
            limits[Le] = float(item.le)  # type: ignore[arg-type]
        pattern = getattr(item, "pattern", None) or pattern
    choices = tuple(get_args(info.annotation)) if get_origin(info.annotation) is Literal else ()
    kinds: dict[type, Kind] = {bool: "switch", int: "int", float: "float", str: "text"}
    kind = kinds[type(default)]
    return Address(
        path=path,
        kind=kind,
        owner=owner,
        about=info.description or "",
        unit=str(extra.get("unit", "")),
        low=0.0 if kind == "switch" else limits.get(Ge),
        high=1.0 if kind == "switch" else limits.get(Le),
        default=int(default) if kind == "switch" else default,
        curve="log" if extra.get("curve") == "log" else "linear",
        choices=choices,
        pattern=str(pattern),
        family=family,
    )


def _leaves(settings: BaseModel, owner: Owner, path: str = "", family: str = "") -> Iterator[Address]:
    """Rows for every leaf below `settings`, depth first, in the order the fields are written."""
    plural = {"/layer": "/layer/STEM", "/voice": "/voice/VOICE", "/stem": "/stem/STEM"}
    for name, info in type(settings).model_fields.items():
        value = getattr(settings, name)
        below = plural.get(path, f"{family}/{name}")
        if isinstance(value, BaseModel):
            yield from _leaves(value, owner, f"{path}/{name}", below)
        else:
            yield _field_row(f"{path}/{name}", info, value, owner, below)


SOUND: Final = tuple(_leaves(SoundSettings(), "renderer"))
ROOM: Final = tuple(_leaves(RoomState(), "room"))

_MOOD_NAME: Final = r"[A-Za-z0-9_\-]{1,60}"

TRANSPORT: Final = (
    Address("/mood", "text", "hub", "change to this mood", pattern=_MOOD_NAME),
    Address("/mood/morph_s", "float", "hub", "how long a mood change takes to glide", "s", 0.0, 600.0, 8.0),
    Address("/mood/store", "text", "hub", "keep what is set now as a new mood of this name", pattern=_MOOD_NAME),
    Address("/mood/overwrite", "text", "hub", "keep it as this mood, in place of what that was", pattern=_MOOD_NAME),
    Address("/mood/revert", "text", "hub", "bring this mood back as it was before that", pattern=_MOOD_NAME),
    Address("/mood/compare", "switch", "hub", "1 plays the mood as it is stored, 0 as it is shaped", "", 0, 1, 0),
    Address("/undo", "none", "hub", "take back the last change, then the one before it"),
    Address("/seed", "int", "hub", "start the random choices anew from this number", "", 0, 2**31 - 1, 1),
    Address("/phrase/next", "none", "renderer", "begin another phrase now"),
    Address(
        *("/keep", "float", "hub", "keep the last minutes as the room heard them; without a number, five"),
        *("min", 0.1, 60.0, 5.0),
        optional=True,
    ),
    Address("/page", "own", "hub", "ask for a page of parameters, and to be told of changes on it", own_types="s"),
    Address("/page/move", "own", "hub", "set what is at this address to a place of its range, 0 to 1", own_types="sf"),
    Address("/page/type", "own", "hub", "set what is at this address to what was typed", own_types="ss"),
    Address(
        *("/harmony/chord", "own", "hub", "keys that are held: the harmony of all that plays; none gives it back"),
        own_types="i*",
    ),
    Address("/midi/control", "own", "hub", "a knob of a MIDI device: channel, controller, value", own_types="iii"),
    Address("/midi/note", "own", "hub", "a key of a MIDI keyboard: channel, key, velocity", own_types="iii"),
    Address(
        *("/midi/learn", "own", "hub"),
        "bind what is at this address to the next knob that moves; without one, the next control that is touched",
        own_types="s",
    ),
    Address("/midi/forget", "own", "hub", "what is at this address has no knob any more", own_types="s"),
    Address("/midi/clear", "own", "hub", "nothing has a knob any more", own_types=""),
    Address("/session/record", "text", "hub", "record all that hands change from now on, under this name"),
    Address("/session/play", "text", "hub", "do again what was recorded under this name"),
    Address("/session/stop", "none", "hub", "end what is recorded, and what plays of such"),
    Address("/session/delete", "text", "hub", "put what was recorded under this name aside"),
    Address("/sensor/SENSOR", "own", "hub", "what a sensor says; which there are is in a file", own_types="f"),
    Address(
        *("/subscribe", "own", "hub"),
        "tell a port of the sender, or an address and a port, of everything, until an hour after the last message",
        own_types="si",
    ),
    Address("/unsubscribe", "own", "hub", "do not tell that port, or address and port, any more", own_types="si"),
    Address("/state/dump", "none", "hub", "answers with every value, and subscribes the sender for 15 s"),
    Address("/alive", "none", "hub", "keeps the sender subscribed for another 15 s; answered with the same"),
)

_CORNERS: Final = ("top left", "top right", "bottom left", "bottom right")
PAD: Final = (
    *(
        Address(
            *(f"/pad/corner_{number}", "text", "hub", f"mood at the {corner} of the pad, or none"),
            default="none",
            pattern=_MOOD_NAME,
        )
        for number, corner in enumerate(_CORNERS, 1)
    ),
    Address("/pad/x", "float", "hub", "blends the corners' moods: 0 left, 1 right", "ratio", 0.0, 1.0, 0.5),
    Address("/pad/y", "float", "hub", "blends the corners' moods: 0 top, 1 bottom", "ratio", 0.0, 1.0, 0.5),
)

PAGE_ROWS: Final = 24
"""Rows of a page on a surface, in two columns."""
MOOD_SLOTS: Final = 16
"""Moods that a surface can show; there may be more."""
MIDI_ROWS: Final = 16
"""Knobs that a surface can show; there may be more."""
SESSION_SLOTS: Final = 8
"""Recorded sessions that a surface can show; there may be more."""
LAMPS: Final = ("sampler", "renderer", "room", "hold")


def _report(path: str, types: str, about: str, unit: str = "", family: str = "") -> Address:
    return Address(path, "report", "hub", about, unit, own_types=types, family=family or path)


REPORTS: Final = (
    _report("/error", "ss", "address and what was wrong with it"),
    _report("/mood/list", "s*", "names of the moods that can be chosen"),
    *(
        _report(f"/mood/slot_{number}", "sss", "one of them: name (or none), title, colour", family="/mood/slot_N")
        for number in range(1, MOOD_SLOTS + 1)
    ),
    _report("/page/tabs", "s*", "names of the pages"),
    *(
        _report(f"/page/row_{number}", "sss", "a row of the page: address (or none), name, range", family="/page/row_N")
        for number in range(1, PAGE_ROWS + 1)
    ),
    *(
        _report(f"/page/value_{number}", "fs", "where it stands, 0 to 1, and as text", family="/page/value_N")
        for number in range(1, PAGE_ROWS + 1)
    ),
    _report("/mood/changed", "f", "1 if what is set differs from the mood as it is stored"),
    _report("/mood/trouble", "s", "mood file that cannot be used, and why; empty when all can"),
    _report("/phrase/now", "s", "the phrase that is heard"),
    _report("/phrase/upcoming", "s", "the phrase after it"),
    _report("/visitor/now", "s", "what becomes of what a visitor plays on a MIDI keyboard, or none"),
    _report("/harmony/now", "s", "the chord that is held, or none"),
    _report("/midi/learning", "s", "what is to be done next while a knob is learnt, or none"),
    _report("/midi/devices", "s", "the devices that are listened to at the machine that plays"),
    _report("/instruments/ports", "s", "the MIDI ports that play voices now, or none"),
    _report("/stream/now", "s", "where the room is streamed to, or waiting"),
    _report("/midi/last", "s", "the knob that moved last, and where it is"),
    *(
        _report(f"/midi/row_{number}", "sss", "address (or none), its knob, where that is to go", family="/midi/row_N")
        for number in range(1, MIDI_ROWS + 1)
    ),
    _report("/session/now", "s", "what is recorded and what plays of such, or none"),
    _report("/session/list", "s*", "names of recorded sessions"),
    *(
        _report(f"/session/slot_{number}", "ss", "one of them: name (or none), length", family="/session/slot_N")
        for number in range(1, SESSION_SLOTS + 1)
    ),
    _report("/presence", "s", "how much each sensor sees"),
    _report("/day/next", "s", "what the day changes next, and when"),
    _report("/alert/now", "s", "what lasts that people elsewhere are told of, or none"),
    _report("/keep/now", "s", "what is being kept, or where the last lies"),
    _report("/web/page", "s", "where a phone finds the page, or none"),
    _report("/web/code", "is", "that as a QR code: modules in a row, and runs of light and dark ones as letters"),
    _report("/reel/lead", "f", "reels rendered beyond the one that plays"),
    _report("/reel/late", "f", "times the room had to go to its hold loop since the start"),
    _report("/room/insert", "ss", "a stem, and whether the patch in its way is heard"),
    _report("/room/meter", "ff", "level of what leaves the room, left and right", "dB"),
    *(_report(f"/meter/{stem}", "ff", "level of one stem, left and right", "dB", "/meter/STEM") for stem in STEMS),
    *(_report(f"/lamp/{name}", "f", "1 on, 0.5 starting, 0 off", family="/lamp/NAME") for name in LAMPS),
)

TABLE: Final[Mapping[str, Address]] = {row.path: row for row in (*TRANSPORT, *PAD, *SOUND, *ROOM, *REPORTS)}


def find(path: str) -> Address:
    """The row of an address. Raises ControlError that names the nearest valid address."""
    row = TABLE.get(path)
    if row is None:
        near = difflib.get_close_matches(path, TABLE, n=1)
        raise ControlError(f"{path} is no address here" + (f"; did you mean {near[0]}?" if near else ""))
    return row


def values_of(settings: BaseModel, path: str = "") -> dict[str, Value]:
    """Every leaf of settings by its address, e.g. {"/layer/cello/level_db": -18.0}; switches as 0 or 1.

    Fields of a mood that are no parameters (`title`, `about`) are left out.
    """
    values: dict[str, Value] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            values |= values_of(value, f"{path}/{name}")
        elif f"{path}/{name}" in TABLE:
            values[f"{path}/{name}"] = int(value) if isinstance(value, bool) else value
    return values


def settings_from_values(values: Mapping[str, Value]) -> SoundSettings:
    """Sound settings from values by address; addresses that are not given keep their defaults.

    Raises pydantic.ValidationError where a value is impossible.
    """
    settings = SoundSettings()
    for row in SOUND:
        if row.path in values:
            set_value(settings, row.path, values[row.path])
    return settings


def set_value(settings: BaseModel, path: str, value: Value) -> None:
    """Set one leaf by its address, validated by the model. Raises ControlError for what is no sound parameter."""
    if TABLE.get(path) is None or TABLE[path].owner != "renderer" or TABLE[path].kind == "none":
        raise ControlError(f"{path} is no sound parameter")
    *parents, leaf = path.strip("/").split("/")
    holder = settings
    for name in parents:
        holder = getattr(holder, name)
    setattr(holder, leaf, bool(value) if isinstance(getattr(holder, leaf), bool) else value)
