"""Rooms: those that ship are good, broken ones are explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import RoomError
from engine.room.pd_process import STEREO_OUTLET
from engine.room.presets import list_rooms, load_room, outlet_of

SPEAKER = "{name: a, channel: 1, azimuth_deg: 0}"


def test_the_rooms_that_ship_can_be_used() -> None:
    assert {"mono", "stereo", "quad", "surround_5_1", "octophonic_ring", "corridor"} <= set(list_rooms())
    for name in list_rooms():
        assert load_room(name).title


def room_of(*speakers: str, rest: str = "") -> str:
    return f"title: X\nloudspeakers:\n{rest}  speakers:\n" + "".join(f"    - {one}\n" for one in speakers)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: X\nroom: {wet: 3}", "line 2, room.wet: .*less than or equal to 1"),
        ("title: X\nrom: {}", "unknown key 'rom'. Did you mean 'room'"),
        ("title: X\nstem: {cello: {mute: 7}}", "stem.cello.mute"),
        ("title: X\nstem: {cello: {azimuth: 7}}", "Did you mean 'azimuth_deg'"),
        ("title: [", "YAML"),
        ("", "expected keys and values"),
        (room_of(), "loudspeakers.speakers"),
        (room_of("{name: a, channel: 1}"), "no place; give azimuth_deg"),
        (room_of("{name: a, channel: 1, azimuth_deg: 0, x_m: 1, y_m: 2}"), "both by azimuth_deg and by x_m"),
        (room_of("{name: a, channel: 1, x_m: 1}"), "x_m and y_m belong together"),
        (room_of("{name: a, channel: 0, azimuth_deg: 0}"), "line 4, loudspeakers.speakers.0.channel"),
        (room_of("{name: a, channel: 1, azimuth: 0}"), "Did you mean 'azimuth_deg'"),
        (room_of("{name: a, channel: 1, azimuth_deg: 0, trim_db: 12}"), "trim_db: .*less than or equal to 6"),
        (room_of("{name: a, channel: 1, azimuth_deg: 0, delay_ms: -1}"), "delay_ms"),
        (room_of("{name: a, channel: 1, azimuth_deg: 0, eq: [{hz: 5, gain_db: 1, q: 1}]}"), "eq.0.hz"),
        (room_of("{name: a, channel: 1, azimuth_deg: 0, eq: [{hz: 90, gain_db: -12, q: 0.5}]}"), "needs a q of 1.01"),
        (room_of(SPEAKER, "{name: b, channel: 1, azimuth_deg: 90}"), "channel 1 is given to two loudspeakers, a and b"),
        (room_of(SPEAKER, "{name: a, channel: 2, azimuth_deg: 90}"), "name a is given to two"),
        (room_of(SPEAKER, "{name: b, channel: 2, azimuth_deg: 360}"), "stand in the same direction"),
        (room_of("{name: low, channel: 1, low_pass_hz: 80}"), "one at least must play everything"),
        (room_of(SPEAKER, rest="  ceiling_db: 1\n"), "line 3, loudspeakers.ceiling_db"),
        (room_of(SPEAKER, rest="  panning: vbap\n"), "'vbap' is not one of ring, free"),
        (
            room_of(
                "{name: near, channel: 1, azimuth_deg: 0, distance_m: 1}",
                "{name: far, channel: 2, azimuth_deg: 90, distance_m: 200}",
                rest="  align: true\n",
            ),
            "near would be delayed by 580 ms",
        ),
    ],
)
def test_a_broken_file_names_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(RoomError, match=says) as error:
        load_room(str(path))
    assert str(path) in str(error.value)


def test_an_unknown_name_brings_the_nearest() -> None:
    with pytest.raises(RoomError, match="Did you mean 'gallery'"):
        load_room("galery")


def test_aligned_loudspeakers_wait_for_the_farthest(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    near, far = "{name: near, channel: 1, x_m: 0, y_m: 1, delay_ms: 2}", "{name: far, channel: 2, x_m: 3, y_m: 4}"
    path.write_text(room_of(near, far, rest="  align: true\n"))
    room = load_room(str(path)).loudspeakers
    assert room
    assert [round(room.delay_ms(one), 3) for one in room.speakers] == [round(2 + 4000 / 343, 3), 0]


def test_only_a_room_with_loudspeakers_has_a_patch_of_its_own(tmp_path: Path) -> None:
    assert outlet_of(None, tmp_path) == outlet_of(load_room("gallery"), tmp_path) == STEREO_OUTLET
    outlet = outlet_of(load_room("surround_5_1"), tmp_path)
    assert outlet.channels == 6
    assert outlet.patch.read_text().count("dac~") == 6
