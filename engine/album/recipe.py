"""Reads `recipe.json`, from which `render recipe.json` makes a record again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from engine.album.output_folder import RECIPE_FILE
from engine.album.performance.music import played_from_json
from engine.album.performance.played import Played
from engine.album.plan.plan import Planner, RecordPlan, load_plan
from engine.album.plan.sheet import Record
from engine.errors import RecordError
from engine.files.checked_yaml import Document, explained
from engine.files.paths import ROOT

FORMAT: Final = 2


def digest(record: dict[str, Any]) -> str:
    """16 hexadecimal digits that depend on everything a record says."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


def read_recipe_file(folder_or_file: Path) -> dict[str, Any]:
    """The contents of a recipe. Raises `RecordError` when there is none or it is of another kind."""
    path = folder_or_file / RECIPE_FILE if folder_or_file.is_dir() else folder_or_file
    try:
        contents = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}; expected a folder made by `render`") from None
    except ValueError as error:
        raise RecordError(f"{path}: is damaged ({error}); render the record again") from None
    if not isinstance(contents, dict) or contents.get("format") != FORMAT:
        raise RecordError(f"{path}: no recipe of a record that this version knows; render the record again")
    return contents


def record_in(recipe: Mapping[str, Any], path: Path) -> Record:
    """The record that a recipe from `path` says, which somebody may have edited. Raises `RecordError`."""
    try:
        return Record.model_validate(recipe.get("record"))
    except ValidationError as problem:
        raise RecordError(explained(problem, path, Record, "record")) from None


@dataclass(frozen=True)
class Remembered:
    """What a recipe says besides the record itself.

    `music` is what each track's voices played, by number, and empty where somebody changed the record in the recipe:
    the notes would not be those of its sections any more, and are drawn again.
    """

    seed: int
    music: Mapping[int, Played] = field(default_factory=dict)


def opened(path: Path) -> tuple[RecordPlan, Remembered | None]:
    """The plan in a record's YAML file, or in a recipe with what else it says. Raises `RecordError`."""
    if path.suffix.lower() != ".json":
        return load_plan(path), None
    contents = read_recipe_file(path)
    try:
        record = record_in(contents, path)
        same = digest(contents["record"]) == contents["record_is"]
        tracks = contents["tracks"] if same else ()
        music = {
            int(track["number"]): played_from_json(track["phrases"], track.get("themes"), track.get("takes"))
            for track in tracks
        }
        remembered = Remembered(int(contents["seed"]), music)
        folder = ROOT / contents["folder"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RecordError(f"{path}: is damaged ({error}); render the record again") from None
    return Planner(Document(folder / path.name, record, {})).plan(), remembered
