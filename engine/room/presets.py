"""Reading the room presets in `presets/rooms/NAME.yaml`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.errors import RoomError
from engine.files.checked_yaml import nearest, read_document
from engine.files.paths import ROOMS_FOLDER
from engine.parameters.room import RoomPreset
from engine.room.loudspeakers.patch import write_patch
from engine.room.pd_process import STEREO_OUTLET, Outlet
from engine.room.zones_patch import write_zones


def list_rooms(folder: Path = ROOMS_FOLDER) -> tuple[str, ...]:
    """Names of the room presets in `folder`, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def room_path(name_or_path: str, folder: Path = ROOMS_FOLDER) -> Path:
    """The file of a room, by its name or by a path that ends in .yaml. Raises RoomError for a name there is not."""
    if name_or_path.endswith((".yaml", ".yml")):
        return Path(name_or_path)
    names = list_rooms(folder)
    if name_or_path not in names:
        hint = nearest(name_or_path, names)
        raise RoomError(f"no room is called {name_or_path!r}.{hint} Rooms: {', '.join(names) or 'none'}")
    return folder / f"{name_or_path}.yaml"


def load_room(name_or_path: str, folder: Path = ROOMS_FOLDER) -> RoomPreset:
    """The preset of that name, or in the file of that path. Raises RoomError with a line per thing that is wrong."""
    return read_document(room_path(name_or_path, folder), RoomPreset, RoomError, "room").model


def outlet_of(preset: RoomPreset | None, folder: Path, zones: bool = False) -> Outlet:
    """What Pd opens for the loudspeakers of a room, and for its `zones`; patches for them are written into `folder`."""
    beside: tuple[Path, ...] = ()
    if zones and preset is not None:
        beside = (folder / "zones.pd",)
        write_zones(preset.zones, beside[0])
    if preset is None or preset.loudspeakers is None:
        return replace(STEREO_OUTLET, beside=beside)
    path = folder / "loudspeakers.pd"
    write_patch(preset.loudspeakers, preset.title, path)
    return Outlet(path, preset.loudspeakers.channels, beside)
