"""A walk from loudspeaker to loudspeaker; that each sounds is heard in `tests/engine/cli/test_room.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import RoomError
from engine.room import walk as walk_module
from engine.room.presets import load_room
from engine.room.walk import walk


def pd(folder: Path, *lines: str) -> Path:
    path = folder / "pd"
    path.write_text("#!/bin/sh\n" + "".join(f"echo '{line}'\n" for line in lines))
    path.chmod(0o755)
    return path


def test_each_comes_when_pd_says_its_channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = load_room("octophonic_ring")
    assert room.loudspeakers
    channels = sorted(one.channel for one in room.loudspeakers.speakers)
    said = pd(tmp_path, *(f"walk: channel {channel}" for channel in channels))
    monkeypatch.setattr(walk_module, "find_pd", lambda: said)
    assert [one.channel for one in walk(room, tmp_path, -20.0, audio=False, device=None)] == channels


@pytest.mark.parametrize(
    ("lines", "said"),
    [((), "said nothing"), (("walk: channel 1", "error: no card"), "error: no card"), (("tired",), "tired")],
)
def test_where_pd_does_not_get_to_the_end_it_is_said_why(
    lines: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk_module, "find_pd", lambda: pd(tmp_path, *lines))
    with pytest.raises(RoomError, match=said):
        list(walk(load_room("octophonic_ring"), tmp_path, -20.0, audio=False, device=None))


def test_a_room_without_loudspeakers_cannot_be_walked_through(tmp_path: Path) -> None:
    without = load_room("octophonic_ring").model_copy(update={"loudspeakers": None})
    with pytest.raises(RoomError, match="lists no loudspeakers"):
        next(walk(without, tmp_path, -20.0, audio=False, device=None))
