"""A preset is found by its name or by a path; a name that there is not is answered with those that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import RoomError
from engine.files.named_presets import preset_names, preset_path


def test_a_preset_is_found_by_name_or_path(tmp_path: Path) -> None:
    for name in ("hall.yaml", "attic.yaml", ".hall.yaml", "notes.txt"):
        (tmp_path / name).write_text("")
    assert preset_names(tmp_path) == ("attic", "hall")
    assert preset_path("hall", tmp_path, "room", RoomError) == tmp_path / "hall.yaml"
    assert preset_path("mine/x.yml", tmp_path, "room", RoomError) == Path("mine/x.yml")
    with pytest.raises(RoomError, match=r"^no room is called 'hal'\. Did you mean 'hall'\? Rooms: attic, hall$"):
        preset_path("hal", tmp_path, "room", RoomError)
