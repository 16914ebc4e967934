"""Room presets: those that ship are good, broken ones are explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import RoomError
from engine.room_presets import list_rooms, load_room


def test_the_presets_that_ship_can_be_used() -> None:
    assert list_rooms()
    for name in list_rooms():
        assert load_room(name).title


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: X\nroom: {wet: 3}", "room.wet"),
        ("title: X\nrom: {}", "rom"),
        ("title: X\nstem: {cello: {mute: 7}}", "stem.cello.mute"),
        ("title: [", "YAML"),
        ("", "keys and values"),
        ("title: X\nroom: !wet {}", "constructor"),
    ],
)
def test_a_broken_file_names_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(RoomError, match=says) as error:
        load_room(str(path))
    assert str(path) in str(error.value)


def test_an_unknown_name_brings_the_nearest() -> None:
    with pytest.raises(RoomError, match="did you mean gallery"):
        load_room("galery")
