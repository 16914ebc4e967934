"""Which room the installation is in: `run --room NAME` is remembered in the folder of what outlives a run.

A room is where the loudspeakers hang, and they hang there tomorrow too.
"""

from __future__ import annotations

import logging
from pathlib import Path

from engine.errors import AmeublementError, RoomError
from engine.files.atomic import write_whole
from engine.files.named_presets import is_path
from engine.parameters.room import RoomPreset
from engine.room.presets import load_room

FILE = "room"

log = logging.getLogger(__name__)


def kept_room(folder: Path) -> str | None:
    """Name or path of the room that was asked for last; None where none was."""
    try:
        return (folder / FILE).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def keep_room(name_or_path: str, folder: Path) -> None:
    """Remember it. Raises AmeublementError where that cannot be written."""
    if is_path(name_or_path):
        name_or_path = str(Path(name_or_path).resolve())
    try:
        write_whole(folder / FILE, f"{name_or_path}\n")
    except OSError as error:
        raise AmeublementError(f"{folder / FILE}: cannot be written: {error.strerror}") from None


def chosen_room(asked: str | None, folder: Path) -> RoomPreset | None:
    """The room to play in: the one asked for, else the one of last time. Raises RoomError for one that is asked for.

    One that is only remembered and cannot be used any more is no reason not to play: the installation may start
    at a boot, with nobody there. The log says which room it is.
    """
    if asked:
        return load_room(asked)
    if not (name := kept_room(folder)):
        return None
    try:
        preset = load_room(name)
    except RoomError as error:
        log.warning("the room of last time cannot be used, playing in stereo: %s", error)
        return None
    log.info("room %s, as last time (`--room stereo` for two loudspeakers)", name)
    return preset
