"""Moods: reading, checking and listing the presets; every complaint says where, what was expected, what is nearest."""

from __future__ import annotations

from pathlib import Path

from engine.errors import MoodError
from engine.files.checked_yaml import Document, nearest, parse_document, read_document
from engine.files.paths import MOODS_FOLDER
from engine.parameters.scales import intervals_of
from engine.parameters.sound import Mood


def list_moods(folder: Path = MOODS_FOLDER) -> tuple[str, ...]:
    """Names of the moods in `folder`, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml") if not path.name.startswith(".")))


def load_mood(name_or_path: str | Path, folder: Path = MOODS_FOLDER) -> Mood:
    """The mood of that name in `folder`, or in the file of that path (which ends in .yaml or .yml)."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith((".yaml", ".yml")):
        return read_mood(Path(name_or_path))
    names = list_moods(folder)
    if text not in names:
        raise MoodError(f"no mood is called {text!r}.{nearest(text, names)} Moods: {', '.join(names) or 'none'}")
    return read_mood(folder / f"{text}.yaml")


def read_mood(path: Path) -> Mood:
    """A mood from a file, checked in full; `MoodError` holds one line per thing that is wrong."""
    return _checked(read_document(path, Mood, MoodError, "mood"))


def parse_mood(text: str, path: Path) -> Mood:
    """A mood from YAML, checked in full; complaints name `path`."""
    return _checked(parse_document(text, path, Mood, MoodError, "mood"))


def _checked(document: Document[Mood]) -> Mood:
    try:
        intervals_of(document.model.scale.mode)
    except MoodError as error:
        raise MoodError(f"{document.place('scale', 'mode')}: {error}") from None
    return document.model
