"""The room that was asked for is that of next time, and a broken one keeps nobody from playing."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import RoomError
from engine.room.chosen_room import chosen_room, keep_room, kept_room


def test_a_room_is_remembered_by_name_or_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen_room(None, tmp_path) is None
    keep_room("quad", tmp_path)
    preset = chosen_room(None, tmp_path)
    assert preset
    assert preset.title == "Quad"
    monkeypatch.chdir(tmp_path)
    keep_room("mine.yaml", tmp_path)
    assert kept_room(tmp_path) == str(tmp_path / "mine.yaml")


def test_what_is_asked_for_goes_first(tmp_path: Path) -> None:
    keep_room("quad", tmp_path)
    preset = chosen_room("gallery", tmp_path)
    assert preset
    assert preset.title == "Gallery"
    with pytest.raises(RoomError, match="no room is called"):
        chosen_room("nowhere", tmp_path)


def test_a_room_that_is_gone_is_said_and_the_music_plays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keep_room(str(tmp_path / "gone.yaml"), tmp_path)
    assert chosen_room(None, tmp_path) is None
    assert "cannot be used, playing in stereo" in caplog.text
