"""Instruments in a room's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import RoomError
from engine.parameters.elsewhere import Instrument
from engine.room.presets import load_room


def room(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(f"title: Mine\n{text}", "utf-8")
    return path


def test_instruments_are_read(tmp_path: Path) -> None:
    text = "instruments: {Disklavier: {latency_ms: 120, velocity: 0.9}}\n"
    preset = load_room(str(room(tmp_path, text)))
    assert preset.instruments["Disklavier"].latency_ms == 120.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("instruments: {Disklavier: {latncy_ms: 120}}\n", "latncy_ms"),
        ("instruments: {Disklavier: {latency_ms: 9000}}\n", "latency_ms"),
        ("inserts: {celo: my-cello.pd}\n", "'celo' is no stem"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RoomError, match=says):
        load_room(str(room(tmp_path, text)))


def test_patches_in_the_way_of_stems_lie_where_the_room_s_file_does(tmp_path: Path) -> None:
    preset = load_room(str(room(tmp_path, "inserts: {cello: own/my-cello.pd}\n")))
    assert preset.inserts == {"cello": str(tmp_path / "own" / "my-cello.pd")}


def test_soft_strokes_leave_earlier_and_ends_never_before_their_strokes() -> None:
    one = Instrument(latency_ms=30.0, soft_latency_ms=150.0)
    assert one.ahead_s(127) == pytest.approx(0.030)
    assert one.ahead_s(1) == pytest.approx(0.150)
    assert one.ahead_s(0) <= min(one.ahead_s(velocity) for velocity in range(1, 128))


def test_velocities_stay_within_midi() -> None:
    one = Instrument(velocity=1.8, softest=20)
    assert [one.struck(velocity) for velocity in (1, 60, 127)] == [20, 108, 127]
