"""The one table of OSC addresses: it drives the server, its validation, the README and a test.

Addresses of sound and room parameters are not written down here: they are the paths of `engine.settings`
and `engine.room_settings`, with the ranges, units and defaults given there. Only what is not a
parameter (moods, transport, reports) is listed below.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.errors import ControlError
from engine.reel_format import STEMS
from engine.room_settings import RoomState
from engine.settings import Curve, SoundSettings

Value = float | int | str
"""What an address holds; switches are the integers 0 and 1."""

Kind = Literal["float", "int", "switch", "text", "none", "page", "report"]
Owner = Literal["renderer", "room", "hub", "mood"]
OSC_TYPES: Final[Mapping[Kind, str]] = {"float": "f", "int": "i", "switch": "i", "text": "s", "none": ""}


@dataclass(frozen=True, slots=True)
class Address:
    """One row of the table. `low` and `high` are inclusive; `owner` is the process that acts on the value."""

    path: str
    kind: Kind
    owner: Owner
    about: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    default: Value | None = None
    curve: Curve = "linear"
    choices: tuple[str, ...] = ()
    pattern: str = ""
    own_types: str = ""
    """OSC types of a report, which only goes out, and of what pages take; `*` after a type means any number of it."""
    optional: bool = False
    """A message without an argument means the default."""
    family: str = field(default="", compare=False)
    """Path with the changing part named, `/layer/STEM/pan`; rows of one family share a line in the README."""

    @property
    def types(self) -> str:
        return OSC_TYPES.get(self.kind, self.own_types)

    def parse(self, arguments: Sequence[object]) -> Value | None:
        """The one normalised value of a message, None where the address takes none. Raises ControlError."""
        if self.kind == "report":
            raise ControlError(f"{self.path} is only sent out; it cannot be set")
        if self.kind == "none":
            if arguments and list(arguments) != [1]:  # Pd buttons like to add a 1
                raise ControlError(f"{self.path} takes no argument, but {len(arguments)} came")
            return None
        if self.kind == "page":
            raise ControlError(f"{self.path} holds no value")
        if self.optional and not arguments:
            return self.default
        if len(arguments) != 1:
            raise ControlError(f"{self.path} takes one argument ({self.expected}), but {len(arguments)} came")
        return self._text(arguments[0]) if self.kind == "text" else self._number(arguments[0])

    @property
    def expected(self) -> str:
        """For people: what an argument may be."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.kind == "switch":
            return "0 or 1"
        if self.kind == "text":
            return "a text"
        noun = "a whole number" if self.kind == "int" else "a number"
        limits = f" from {self.low:g} to {self.high:g}" if self.low is not None and self.high is not None else ""
        return f"{noun}{limits}{' ' + self.unit if self.unit else ''}"

    def _number(self, argument: object) -> Value:
        if not isinstance(argument, int | float) or not math.isfinite(argument):
            raise ControlError(f"{self.path} expects {self.expected}, but {argument!r} came")
        number = float(argument)
        if self.kind != "float" and not number.is_integer():
            raise ControlError(f"{self.path} expects {self.expected}, but {number:g} came")
        if self.kind == "float":
            number = float(f"{number:.6g}")  # 0.3 comes out of a 32-bit float as 0.30000001, outside a limit of 0.3
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            raise ControlError(f"{self.path} expects {self.expected}, but {number:g} came")
        return number if self.kind == "float" else int(number)

    def _text(self, argument: object) -> str:
        if not isinstance(argument, str):
            raise ControlError(f"{self.path} expects {self.expected}, but {argument!r} came")
        if self.choices and argument not in self.choices:
            near = difflib.get_close_matches(argument, self.choices, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ControlError(f"{self.path} expects {self.expected}, but {argument!r} came{hint}")
        if self.pattern and not re.fullmatch(self.pattern, argument):
            raise ControlError(f"{self.path} cannot be {argument!r}: {self.about}")
        return argument


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
    Address("/page", "page", "hub", "ask for a page of parameters, and to be told of changes on it", own_types="s"),
    Address("/page/move", "page", "hub", "set what is at this address to a place of its range, 0 to 1", own_types="sf"),
    Address("/page/type", "page", "hub", "set what is at this address to what was typed", own_types="ss"),
    Address("/sensor/SENSOR", "page", "hub", "what a sensor says; which there are is in a file", own_types="f"),
    Address("/state/dump", "none", "hub", "answers with every value, and subscribes the sender for 15 s"),
    Address("/alive", "none", "hub", "keeps the sender subscribed for another 15 s"),
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
    _report("/presence", "s", "how much each sensor sees"),
    _report("/day/next", "s", "what the day changes next, and when"),
    _report("/keep/now", "s", "what is being kept, or where the last lies"),
    _report("/reel/lead", "f", "reels rendered beyond the one that plays"),
    _report("/reel/late", "f", "times the room had to go to its hold loop since the start"),
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
