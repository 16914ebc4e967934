"""The file of sensors while the room plays."""

from __future__ import annotations

from pathlib import Path

from engine.hub.presence.sensors_file import SensorsFile

GOOD = (
    "title: T\nsensors:\n  door: {rise_s: 1, fall_s: 1, timeout_s: 60}\n"
    "effects:\n  - {parameter: /layer/cello/pan, sensor: door, by: 0.2}\n"
)


def test_an_edit_is_taken_in_once_it_has_been_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(GOOD, "utf-8")
    file = SensorsFile(path)
    settings, wrong = file.look()
    assert (settings is not None, wrong) == (True, "")
    assert file.look() == (None, "")
    path.write_text(GOOD.replace("door", "hall"), "utf-8")
    assert file.look() == (None, ""), "it may be half written"
    settings, wrong = file.look()
    assert settings is not None
    assert (list(settings.sensors), wrong) == (["hall"], "")


def test_a_broken_or_missing_file_is_said_once_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("title: T\nsensors: 5\n", "utf-8")
    file = SensorsFile(path)
    settings, wrong = file.look()
    assert settings is None
    assert wrong.endswith("sensors do as they did")
    assert file.look() == (None, "")
    path.unlink()
    said = [file.look() for _ in range(4)]
    assert [wrong for _, wrong in said if wrong] == [f"{path} is gone; sensors do as it said"]
    assert all(settings is None for settings, _ in said)
