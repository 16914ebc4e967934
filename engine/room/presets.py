"""Reading the room presets in `presets/rooms/NAME.yaml`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.errors import RoomError
from engine.files.checked_yaml import read_document
from engine.files.named_presets import preset_names, preset_path
from engine.files.paths import ROOMS_FOLDER
from engine.parameters.room import RoomPreset
from engine.room.inserts import usable_inserts
from engine.room.loudspeakers.patch import write_patch
from engine.room.pd_process import STEREO_OUTLET, Outlet
from engine.room.zones_patch import write_zones


def list_rooms() -> tuple[str, ...]:
    return preset_names(ROOMS_FOLDER)


def load_room(name_or_path: str) -> RoomPreset:
    """The preset of that name, or in the file of that path; its patches in the way of stems with their whole paths.

    Raises RoomError with a line per thing that is wrong.
    """
    path = preset_path(name_or_path, ROOMS_FOLDER, "room", RoomError)
    preset = read_document(path, RoomPreset, RoomError, "room").model
    inserts = {stem: str((path.parent / Path(own).expanduser()).resolve()) for stem, own in preset.inserts.items()}
    return preset.model_copy(update={"inserts": inserts})


def outlet_of(preset: RoomPreset | None, folder: Path, zones: bool = False, inserts: bool = True) -> Outlet:
    """What Pd opens for the loudspeakers of a room, for its `zones`, and in the way of its stems unless `inserts` are
    not wanted; patches for the first two are written into `folder`."""
    own = usable_inserts(preset.inserts) if preset is not None and inserts else {}
    beside: tuple[Path, ...] = ()
    if zones and preset is not None:
        beside = (folder / "zones.pd",)
        write_zones(preset.zones, beside[0])
    if preset is None or preset.loudspeakers is None:
        return replace(STEREO_OUTLET, beside=beside, inserts=own)
    path = folder / "loudspeakers.pd"
    write_patch(preset.loudspeakers, preset.title, path)
    return Outlet(path, preset.loudspeakers.channels, beside, own)
