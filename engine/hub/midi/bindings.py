"""Which knob moves what: a file of the installation, written so that it is never lost, and looked at for edits."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import Field, field_validator, model_validator

from engine.errors import AmeublementError
from engine.files.atomic import replace_durably
from engine.files.checked_yaml import nearest, parse_document, read_document
from engine.files.stamps import Stamp, stamp_of
from engine.hub.midi.messages import FINE, LEFT_ALONE
from engine.parameters.address import Address
from engine.parameters.addresses import TABLE
from engine.parameters.sound import Settings

FILE_NAME: Final = "midi.yaml"
PREVIOUS: Final = ".previous"
"""Folder of what the file was before it was last written."""
MOST: Final = 128
_NOT_FOR_KNOBS: Final = frozenset({"/seed", "/state/dump", "/alive"})

Turn = Literal["7-bit", "14-bit", "relative", "relative_64"]
"""How a knob says where it is: 0 to 127; two messages of seven bits; or only how far it was turned, as a number of
steps up from 0 and down from 128 (two's complement), or up and down from 64."""


class BindingError(AmeublementError):
    """A file of bindings that cannot be used or written."""


class Knob(Settings):
    channel: int = Field(ge=1, le=16)
    controller: int = Field(ge=0, le=127)
    turn: Turn = "7-bit"

    @model_validator(mode="after")
    def _may_be_bound(self) -> Knob:
        if self.controller in LEFT_ALONE:
            raise ValueError(f"controller {self.controller} has a meaning of its own in MIDI and is left alone")
        if self.turn == "14-bit" and self.controller >= FINE:
            raise ValueError("a 14-bit knob has a controller from 1 to 31; its lower bits come on the one 32 above")
        return self

    def __str__(self) -> str:
        """For people, for instance "ch 1 cc 74"; Pure Data shows a plain space in a text as a backslash and a space."""
        kind = "" if self.turn == "7-bit" else f" {self.turn.removesuffix('_64')}"
        return f"ch {self.channel} cc {self.controller}{kind}".replace(" ", "\N{NO-BREAK SPACE}")


class BindingsFile(Settings):
    """`midi.yaml` in the installation's folder: a knob for each address that has one."""

    bindings: dict[str, Knob] = Field(default_factory=dict, max_length=MOST)

    @field_validator("bindings")
    @classmethod
    def _known(cls, bindings: dict[str, Knob]) -> dict[str, Knob]:
        for path in bindings:
            if path not in BINDABLE:
                raise ValueError(f"{path!r} cannot have a knob{nearest(path, tuple(BINDABLE))}")
        return bindings


def _may_have_a_knob(row: Address) -> bool:
    if row.path in _NOT_FOR_KNOBS:
        return False
    if row.kind == "text":
        return bool(row.choices)
    return row.kind == "none" or (row.kind in ("float", "int", "switch") and not row.optional)


BINDABLE: Final = {row.path: row for row in TABLE.values() if _may_have_a_knob(row)}
"""Addresses that a knob may move."""


class Bindings:
    """The bindings of an installation; without a folder they last as long as the run.

    A file that cannot be read leaves what was bound as it was, and is kept beside when another is written over it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = folder / FILE_NAME if folder else None
        self.knobs: dict[str, Knob] = {}
        self._stamp: Stamp | None = None
        self._unsettled: Stamp | None = None

    def look(self) -> str:
        """Take in the file where it was edited and has been left alone since the last look; what is wrong with it."""
        stamp = stamp_of(self._file) if self._file else None
        if stamp == self._stamp or stamp != self._unsettled:
            self._unsettled = stamp
            return ""
        self._stamp = stamp
        if self._file is None or stamp is None:
            return ""
        try:
            self.knobs = dict(read_document(self._file, BindingsFile, BindingError, "file of bindings").model.bindings)
        except BindingError as problem:
            return str(problem)
        return ""

    def change(self, knobs: dict[str, Knob]) -> None:
        """Binds and writes it. Raises BindingError if it cannot be written; it is then bound until the hub ends."""
        self.knobs = knobs
        if self._file is None:
            return
        text = text_of(knobs)
        parse_document(text, self._file, BindingsFile, BindingError, "file of bindings")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            replace_durably(self._file, text.encode(), previous=self._file.parent / PREVIOUS / FILE_NAME)
        except OSError as error:
            raise BindingError(
                f"{self._file} cannot be written ({error.strerror}): bound until the end of this run"
            ) from None
        self._stamp = self._unsettled = stamp_of(self._file)


def text_of(knobs: dict[str, Knob]) -> str:
    """The file as a person would have written it: a knob to a line."""
    lines = [
        f"  {path}: {yaml.safe_dump(knob.model_dump(), default_flow_style=True, sort_keys=False).strip()}\n"
        for path, knob in sorted(knobs.items())
    ]
    return "bindings:\n" + "".join(lines) if lines else "bindings: {}\n"
