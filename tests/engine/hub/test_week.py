"""A simulated week of the whole: a day by the clock, visitors at the door, and every trick of the clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.hub.schedule.timekeeper import Timekeeper
from engine.osc.port import Message
from engine.parameters.moods import load_mood
from tests.engine.hub.schedule.test_week import FIRST_MINUTE, MOODS, PARIS, WEEK, Clock, expected_mood, expected_open
from tests.engine.hub_bench import Bench

SENSORS = (
    "title: Test\nsensors:\n  door: {rise_s: 5, fall_s: 40, timeout_s: 600}\n"
    "effects:\n  - {sensor: door, parameter: /room/level_db, by: -6}\n"
    "  - {sensor: door, parameter: /voice/bells/density, times: 0.25}\n"
)
JUMPS = {  # at these minutes of the simulation, the wall clock jumps by so many minutes
    500: 37.0,  # NTP finds that it was slow
    1_300: -42.0,  # or fast
    3_700: 9 * 60.0,  # asleep from evening to morning
    6_100: 1_440.0,  # a day ahead, and back again
    6_160: -1_440.0,
}
MINUTES = 8 * 24 * 60
SETTLED = 12
"""Minutes after which all that sensors move has arrived, also where one fell silent."""


class Week:
    """`told` is what room and renderer were told last, by address."""

    def __init__(self, folder: Path) -> None:
        day, sensors = folder / "day.yaml", folder / "sensors.yaml"
        day.write_text(WEEK)
        sensors.write_text(SENSORS)
        self.clock = Clock(FIRST_MINUTE)
        self.bench = Bench(mood="night", sensors=sensors)
        self.timekeeper = Timekeeper(day, lambda: MOODS, self.bench.hub, self.clock)
        self.bench.hub.fade(silent=not self.timekeeper.plan.at(FIRST_MINUTE).is_open, fade_s=1.0)
        self.told: dict[str, tuple[object, ...]] = {}

    def minute(self, jump: float, somebody: bool) -> None:
        """A wall clock may jump; the other one, by which sensors are judged, does not."""
        self.clock.advance(minutes=1.0 + jump)
        self.timekeeper.step()
        if somebody:
            self.bench.say("/sensor/door", 1.0)
        self.bench.later(60.0)
        for port in (self.bench.room, self.bench.renderer):
            self.told |= {item.path: item.arguments for item in port.received(1000) if isinstance(item, Message)}


def is_somebody_there(when: dt.datetime) -> bool:
    """At noon for two hours, while at the weekend a mood changes; on the Tuesday the sensor is unplugged."""
    local = when.astimezone(PARIS)
    return 12 <= local.hour < 14 and local.weekday() != 1


@pytest.fixture
def week(tmp_path: Path) -> Iterator[Week]:
    one = Week(tmp_path)
    yield one
    one.bench.close()


def test_at_every_minute_the_right_mood_plays_as_visitors_have_it(week: Week) -> None:
    stored = {name: load_mood(name).voice.bells.density for name in MOODS}
    somebody, same_for, checked, visited = False, 0, 0, 0
    for minute in range(MINUTES):
        jump = JUMPS.get(minute, 0.0)
        there = is_somebody_there(week.clock.now)
        somebody, same_for = there, same_for + 1 if there == somebody else 0
        week.minute(jump, there)
        now = week.clock.now
        mood = expected_mood(now)
        assert week.bench.hub.state.room["/room/silent"] == int(not expected_open(now)), f"{now.astimezone(PARIS)}"
        if mood is None or same_for < SETTLED:
            continue
        checked, visited = checked + 1, visited + there
        assert week.bench.hub.state.mood == mood, f"{now.astimezone(PARIS)}"
        bells = stored[mood] * (0.25 if there else 1.0)
        if "/voice/bells/density" in week.told:
            assert week.told["/voice/bells/density"] == (pytest.approx(bells),), f"{now.astimezone(PARIS)}"
        if "/room/level_db" in week.told:
            assert week.told["/room/level_db"] == (-6.0 if there else 0.0,), f"{now.astimezone(PARIS)}"
    assert checked > 11_000
    assert visited > 600
    assert {"/voice/bells/density", "/room/level_db"} <= set(week.told)
    assert week.bench.troubles == []
