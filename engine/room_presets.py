"""Reading the room presets in `presets/rooms/NAME.yaml`."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Final

from engine.checked_yaml import read_document
from engine.errors import RoomError
from engine.room_settings import RoomPreset

ROOMS_FOLDER: Final = Path(__file__).resolve().parent.parent / "presets" / "rooms"


def list_rooms(folder: Path = ROOMS_FOLDER) -> tuple[str, ...]:
    """Names of the room presets in `folder`, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def load_room(name_or_path: str, folder: Path = ROOMS_FOLDER) -> RoomPreset:
    """The preset of that name, or in the file of that path (ending in .yaml). Raises RoomError."""
    if name_or_path.endswith((".yaml", ".yml")):
        return _read(Path(name_or_path))
    names = list_rooms(folder)
    if name_or_path not in names:
        near = difflib.get_close_matches(name_or_path, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise RoomError(f"no room preset is called {name_or_path!r}{hint} Room presets: {', '.join(names) or 'none'}")
    return _read(folder / f"{name_or_path}.yaml")


def _read(path: Path) -> RoomPreset:
    return read_document(path, RoomPreset, RoomError, "room preset").model
