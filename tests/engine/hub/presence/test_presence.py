"""Sensors over time: smoothed, with dead zones and timeouts; parameters moved from where they are, and back."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import PresenceError
from engine.hub.presence.presence import Presence, Sensor
from engine.hub.presence.settings import PresenceSettings, SensorSettings, list_sensors, read_sensors

GOOD = (
    "title: Test\nsensors:\n  door: {low: 1, high: 0, rise_s: 10, fall_s: 100, timeout_s: 600}\n"
    "effects:\n  - {sensor: door, parameter: /room/level_db, by: -6}\n"
    "  - {sensor: door, parameter: /layer/cello/lowpass_hz, times: 0.25}\n"
)


def presence(folder: Path, text: str = GOOD) -> Presence:
    path = folder / "sensors.yaml"
    path.write_text(text)
    return Presence(read_sensors(str(path)))


def test_presence_rises_and_falls_with_its_time_constants() -> None:
    sensor = Sensor(SensorSettings(rise_s=10.0, fall_s=100.0, timeout_s=1e4))
    sensor.hear(1.0, 0.0)
    for second in range(1, 11):
        sensor.step(float(second))
    assert sensor.level == pytest.approx(1 - math.exp(-1), abs=0.01)
    sensor.level = 1.0
    sensor.hear(0.0, 11.0)
    assert sensor.step(10.0) == 1.0, "no time has passed"
    sensor.step(110.0)
    assert sensor.level == pytest.approx(math.exp(-1), abs=0.01)


def test_the_dead_zone_keeps_a_trembling_sensor_still() -> None:
    sensor = Sensor(SensorSettings(dead=0.1, rise_s=0.0, fall_s=0.0))
    heard = []
    for number in (0.05, 0.09, 0.5, 0.55, 0.45, 0.41, 0.62, 0.99, 1.0, 0.95, 0.08):
        sensor.hear(number, 0.0)
        heard.append(sensor.wanted)
    assert heard == [0.0, 0.0, 0.5, 0.5, 0.5, 0.5, 0.62, 0.99, 1.0, 1.0, 0.0]


def test_a_sensor_that_falls_silent_sees_nobody() -> None:
    sensor = Sensor(SensorSettings(rise_s=0.0, fall_s=0.0, timeout_s=60.0))
    sensor.hear(1.0, 100.0)
    assert [sensor.step(at_s) for at_s in (101.0, 159.0, 161.0)] == [1.0, 1.0, 0.0]
    sensor.hear(1.0, 200.0)
    assert sensor.step(201.0) == 1.0


def test_a_week_of_visitors(tmp_path: Path) -> None:
    """Somebody is there from 10 to 12 each day, the sensor is unplugged on the fourth; every minute is as it should."""
    moved = presence(tmp_path)
    base = {"/room/level_db": -2.0, "/layer/cello/lowpass_hz": 8000.0, "/scale/root": "D"}
    for minute in range(7 * 24 * 60):
        now_s, hour, day = 60.0 * minute, minute / 60 % 24, minute // 1440
        there = 10 <= hour < 12
        if day != 3:
            moved.hear("door", (0.0 if there else 1.0,), now_s)
        moved.step(now_s)
        values = moved.all_moved(base)
        assert values["/scale/root"] == "D"
        if there and hour > 10.05 and day != 3:
            assert values["/room/level_db"] == -8.0
            assert values["/layer/cello/lowpass_hz"] == pytest.approx(2000.0)
        elif (not there and not 12 <= hour < 12.2) or day == 3:
            assert values == base


def test_it_moves_in_few_steps_and_says_which_addresses(tmp_path: Path) -> None:
    moved = presence(tmp_path)
    moved.hear("door", (0,), 0.0)
    changes = [moved.step(0.1 * tick) for tick in range(1, 1000)]
    told = [change for change in changes if change]
    assert 30 <= len(told) <= 50
    assert set(told) == {frozenset({"/room/level_db", "/layer/cello/lowpass_hz"})}


@given(st.floats(-60, 6), st.lists(st.floats(-5, 5, allow_nan=False), max_size=8))
def test_no_sensor_moves_anything_out_of_its_range(level_db: float, numbers: list[float]) -> None:
    effects = [{"sensor": "a", "parameter": "/room/level_db", "by": by} for by in (-50.0, 90.0)]
    settings = PresenceSettings.model_validate(
        {"title": "T", "sensors": {"a": {"rise_s": 0, "fall_s": 0}}, "effects": effects}
    )
    moved = Presence(settings)
    for second, number in enumerate(numbers):
        moved.hear("a", (number,), float(second))
        moved.step(float(second))
        assert -60.0 <= float(moved.moved("/room/level_db", level_db)) <= 6.0


@pytest.mark.parametrize("name", list_sensors())
def test_each_file_that_ships_is_whole(name: str) -> None:
    assert read_sensors(name).about


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (GOOD.replace("/room/level_db", "/room/levl_db"), ["effects.0", "no number that can be moved", "level_db"]),
        (GOOD.replace("by: -6", "by: -6, times: 2"), ["effects.0", "either by"]),
        (GOOD.replace("by: -6", "times: 2"), ["effects.0", "give by"]),
        (GOOD.replace("low: 1", "low: 0"), ["line 3, sensors.door", "must differ"]),
        (GOOD.replace("sensor: door, parameter: /room", "sensor: dor, parameter: /room"), ["'dor'", "Did you mean"]),
        (GOOD.replace("rise_s", "rises"), ["line 3, sensors.door.rises", "unknown key"]),
        (GOOD.replace("door:", "Door 1:"), ["sensors"]),
        (GOOD.split("effects", maxsplit=1)[0], ["effects", "missing"]),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(PresenceError) as error:
        presence(tmp_path, text)
    for part in ("sensors.yaml", *parts):
        assert part in str(error.value)


def test_an_unknown_name_lists_the_nearest() -> None:
    with pytest.raises(PresenceError, match="Did you mean 'visitors'"):
        read_sensors("visitor")
