"""Choices of takes, in a file of their own beside a record's: NAME.choices.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml
from pydantic import Field

from engine.errors import RecordError
from engine.files.atomic import write_whole
from engine.files.checked_yaml import read_document
from engine.parameters.sound import Settings

HEAD: Final = """\
# Which take of each section a record is made of, and which drawing its themes are from; counted from 0.
# Written by `render --choose`, which lets you listen to them, and by `render --takes N --keep-choices`.
"""


class Choices(Settings):
    """`tracks`: takes by number of the track and name of the section, or `theme NAME`; of draws from `seed`."""

    seed: int = Field(ge=0, le=2**31 - 1)
    tracks: dict[int, dict[str, int]] = Field(default_factory=dict)

    def with_one(self, track: int, section: str, take: int) -> Choices:
        """These with one more."""
        tracks = {number: dict(chosen) for number, chosen in self.tracks.items()}
        tracks.setdefault(track, {})[section] = take
        return Choices(seed=self.seed, tracks=tracks)


def choices_file(sheet: Path) -> Path:
    """Where the choices for a record's file are kept."""
    return sheet.with_name(f"{sheet.stem}.choices.yaml")


def read_choices(sheet: Path) -> Choices | None:
    """Those beside a record's file, None where nobody has chosen yet. Raises `RecordError`."""
    path = choices_file(sheet)
    return read_document(path, Choices, RecordError, "choices").model if path.is_file() else None


def write_choices(path: Path, choices: Choices) -> None:
    """Raises `RecordError` where it cannot."""
    rows = {"seed": choices.seed, "tracks": {number: dict(chosen) for number, chosen in choices.tracks.items()}}
    try:
        write_whole(path, HEAD + yaml.safe_dump(rows, sort_keys=False, allow_unicode=True))
    except OSError as error:
        raise RecordError(f"{path}: cannot be written: {error.strerror}") from None


def chosen_for(choices: Choices | None, seed: int) -> Mapping[int, Mapping[str, int]]:
    """What counts of them for a seed: takes of another one are other music."""
    return choices.tracks if choices is not None and choices.seed == seed else {}
