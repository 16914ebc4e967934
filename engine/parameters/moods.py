"""Moods: reading, checking and listing the presets; every complaint says where, what was expected, what is nearest."""

from __future__ import annotations

from pathlib import Path

from engine.errors import MoodError
from engine.files.checked_yaml import Document, parse_document, read_document
from engine.files.named_presets import is_path, preset_names, unknown
from engine.files.paths import MOODS_FOLDER
from engine.files.state_folder import user_folder
from engine.parameters.scales import intervals_of
from engine.parameters.sound import Mood


def mood_folders() -> tuple[Path, ...]:
    """Where moods are looked for: what this user stored goes before what came along."""
    return (user_folder("moods"), MOODS_FOLDER)


def list_moods(*folders: Path) -> tuple[str, ...]:
    """Names of the moods in `folders` (those of `mood_folders` unless told otherwise), in alphabetical order."""
    return preset_names(*(folders or mood_folders()))


def mood_path(name: str, *folders: Path) -> Path:
    """The file of a mood: in the first of the folders that has one, else where it would be written."""
    paths = [folder / f"{name}.yaml" for folder in folders or mood_folders()]
    return next((path for path in paths if path.exists()), paths[0])


def load_mood(name_or_path: str | Path, *folders: Path) -> Mood:
    """The mood of that name in `folders`, or in the file of that path (which ends in .yaml or .yml).

    Raises:
        MoodError: there is none of that name, with the nearest that there is; or its file is wrong.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or is_path(text):
        return read_mood(Path(name_or_path))
    names = list_moods(*folders)
    if text not in names:
        raise MoodError(unknown(text, names, "mood"))
    return read_mood(mood_path(text, *folders))


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
