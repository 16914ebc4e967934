"""One OSC address: what it takes, in which range, and how a message is read."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from engine.errors import ControlError
from engine.parameters.field import Curve

Value = float | int | str
"""What an address holds; switches are the integers 0 and 1."""

Kind = Literal["float", "int", "switch", "text", "none", "own", "report"]
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
    """OSC types of a report, which only goes out, and of what a service of the hub reads itself (kind "own"); `*` after
    a type means any number of it."""
    optional: bool = False
    """A message without an argument means the default."""
    family: str = field(default="", compare=False)
    """Path with the changing part named, `/layer/STEM/pan`; rows of one family share a line in the README."""

    @property
    def types(self) -> str:
        return OSC_TYPES.get(self.kind, self.own_types)

    def is_release(self, arguments: Sequence[object]) -> bool:
        """Whether a message tells that a button, which takes no value, was let go: that is of no concern."""
        return self.kind in ("none", "own") and not self.types and list(arguments) == [0]

    def parse(self, arguments: Sequence[object]) -> Value | None:
        """The one normalised value of a message, None where the address takes none. Raises ControlError."""
        if self.kind == "report":
            raise ControlError(f"{self.path} is only sent out; it cannot be set")
        if self.kind == "none":
            if arguments and list(arguments) not in ([1], [None]):  # what Pd's buttons and OSC's nil bring along
                raise ControlError(f"{self.path} takes no argument, but {len(arguments)} came")
            return None
        if self.kind == "own":
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
        truth = isinstance(argument, bool) and self.kind != "switch"  # OSC's T, which Python counts as 1
        if truth or not isinstance(argument, int | float) or not math.isfinite(argument):
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
