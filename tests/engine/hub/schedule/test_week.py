"""A simulated week: whatever the clock does, the right mood plays and the room is open when it should be."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.errors import ControlError
from engine.hub.schedule.timekeeper import Timekeeper

MOODS = ("airport", "gymnopedie", "night", "rhodes", "vexations")
PARIS = ZoneInfo("Europe/Paris")
WEEK = """
title: Test
timezone: Europe/Paris
latitude: 48.86
longitude: 2.35
open:
  - {days: [tue, wed, thu, fri], from: "10:00", to: "18:00"}
  - {days: [sat], from: "18:00", to: "03:30"}
moods:
  - {from: "02:30", mood: vexations}
  - {from: sunrise, mood: airport}
  - {from: 12:30, mood: rhodes, days: [sat, sun]}
  - {from: "16:00", mood: gymnopedie}
  - {from: sunset + 0:30, mood: night}
exceptions:
  - {date: 2026-04-01, moods: [{from: "09:00", mood: rhodes}]}
  - {date: 2026-04-02, until: 2026-04-03, closed: true}
"""
FIRST_MINUTE = dt.datetime(2026, 3, 26, 23, 0, tzinfo=dt.UTC)


def sun_minutes_utc(date: dt.date, rising: bool) -> float:
    """Minutes after midnight UTC, by the almanac's formula, within two minutes: an oracle of its own.

    NOAA, General solar position calculations (2021), equations for the equation of time and declination.
    """
    g = 2 * math.pi / 365 * (date.timetuple().tm_yday - 1 + (-6 if rising else 6) / 24)
    equation = 229.18 * (
        0.000075 + 0.001868 * math.cos(g) - 0.032077 * math.sin(g)
        - 0.014615 * math.cos(2 * g) - 0.040849 * math.sin(2 * g)
    )  # fmt: skip
    declination = (
        0.006918 - 0.399912 * math.cos(g) + 0.070257 * math.sin(g) - 0.006758 * math.cos(2 * g)
        + 0.000907 * math.sin(2 * g) - 0.002697 * math.cos(3 * g) + 0.00148 * math.sin(3 * g)
    )  # fmt: skip
    latitude = math.radians(48.86)
    horizon = math.cos(math.radians(90.833)) / (math.cos(latitude) * math.cos(declination))
    angle = math.acos(horizon - math.tan(latitude) * math.tan(declination))
    side = math.degrees(angle) * (1 if rising else -1)
    return 720 - 4 * (2.35 + side) - equation


def wall(when: dt.datetime) -> tuple[dt.date, float]:
    """Date and minutes after midnight on a clock in Paris."""
    local = when.astimezone(PARIS)
    return local.date(), local.hour * 60 + local.minute + local.second / 60


def sun_on_the_wall(date: dt.date, rising: bool) -> float:
    minutes = sun_minutes_utc(date, rising)
    return wall(dt.datetime.combine(date, dt.time(), dt.UTC) + dt.timedelta(minutes=minutes))[1]


def expected_mood(when: dt.datetime) -> str | None:
    """Written down as one would say it; None where the sun is too close to say."""
    date, minutes = wall(when)
    if date == dt.date(2026, 4, 1) and minutes >= 540:
        return "rhodes"
    rises, sets = sun_on_the_wall(date, True), sun_on_the_wall(date, False) + 30
    if min(abs(minutes - rises), abs(minutes - sets)) < 3:
        return None
    if minutes >= sets:
        return "night"
    if minutes >= 960:
        return "gymnopedie"
    if minutes >= 750 and date.weekday() >= 5:
        return "rhodes"
    if minutes >= rises:
        return "airport"
    skipped = date == dt.date(2026, 3, 29)  # 02:30 does not exist: what it begins, begins at 03:30 on the new time
    return "vexations" if minutes >= (210 if skipped else 150) else "night"


def expected_open(when: dt.datetime) -> bool:
    date, minutes = wall(when)
    if (date.weekday() == 6 and minutes < 210) or (date.weekday() == 5 and minutes >= 1080):
        return True
    closed = dt.date(2026, 4, 2) <= date <= dt.date(2026, 4, 3)
    return date.weekday() in (1, 2, 3, 4) and 600 <= minutes < 1080 and not closed


class Room:
    """What a day does to it."""

    def __init__(self) -> None:
        self.mood: str | None = None
        self.is_open = True
        self.glides: list[tuple[str, float]] = []
        self.fades: list[tuple[bool, float]] = []
        self.shown: list[str] = []
        self.broken: set[str] = set()

    def glide_to_mood(self, name: str, morph_s: float) -> None:
        if name in self.broken:
            raise ControlError(f"/mood stays {self.mood}: {name} is broken")
        self.mood = name
        self.glides.append((name, morph_s))

    def fade(self, silent: bool, fade_s: float) -> None:
        self.is_open = not silent
        self.fades.append((silent, fade_s))

    def show(self, path: str, *arguments: object) -> None:
        assert path == "/day/next"
        if str(arguments[0]) not in self.shown[-1:]:
            self.shown.append(str(arguments[0]))


class Clock:
    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now.timestamp()

    def advance(self, **amount: float) -> None:
        self.now += dt.timedelta(**amount)


class Simulation:
    def __init__(self, folder: Path, text: str = WEEK, start: dt.datetime = FIRST_MINUTE) -> None:
        self.path = folder / "day.yaml"
        self.path.write_text(text)
        self.clock, self.room = Clock(start), Room()
        self.timekeeper = Timekeeper(self.path, lambda: MOODS, self.room, self.clock)
        wanted = self.timekeeper.plan.at(start)  # as `run` begins
        self.room.mood, self.room.is_open = wanted.mood, wanted.is_open

    def step(self, **amount: float) -> None:
        self.clock.advance(**amount)
        self.timekeeper.step()


def test_a_week_with_every_trick_of_the_clock(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The week in which summer time begins; the machine sleeps for a night and its clock is set to and fro."""
    simulation = Simulation(tmp_path)
    jumps = {  # at these minutes of the simulation, the clock jumps by so many minutes
        500: 37.0,  # NTP finds that it was slow
        1_300: -42.0,  # or fast
        2_000: -0.4,  # a small step back
        3_700: 9 * 60.0,  # asleep from evening to morning
        6_100: 1_440.0,  # a day ahead, and back again
        6_160: -1_440.0,
    }
    checked = 0
    for minute in range(8 * 24 * 60 + 60):
        simulation.step(minutes=1.0 + jumps.get(minute, 0.0))
        now = simulation.clock.now
        if jumps.get(minute, 0.0) == -0.4 or jumps.get(minute - 1, 0.0) == -0.4:
            continue  # it is waited for
        mood = expected_mood(now)
        if mood is not None:
            checked += 1
            assert simulation.room.mood == mood, f"{now.astimezone(PARIS)}"
        assert simulation.room.is_open == expected_open(now), f"{now.astimezone(PARIS)}"
    assert checked > 11_000
    assert simulation.clock.now.astimezone(PARIS).date() > dt.date(2026, 4, 3)
    assert caplog.messages == []
    assert {glide for _, glide in simulation.room.glides} == {60.0}
    assert {fade for _, fade in simulation.room.fades} == {30.0}


def test_the_repeated_hour_of_autumn_changes_a_mood_once(tmp_path: Path) -> None:
    simulation = Simulation(tmp_path, start=dt.datetime(2026, 10, 24, 22, 30, tzinfo=dt.UTC))
    changes = []
    for _ in range(4 * 60):
        before = simulation.room.mood
        simulation.step(minutes=1)
        if simulation.room.mood != before:
            changes.append((simulation.clock.now.isoformat(), simulation.room.mood))
    assert changes == [("2026-10-25T00:30:00+00:00", "vexations")], "at 02:30 summer time, not again an hour later"


def test_hands_are_left_alone_until_the_next_change(tmp_path: Path) -> None:
    simulation = Simulation(tmp_path, start=dt.datetime(2026, 3, 27, 12, 0, tzinfo=dt.UTC))
    simulation.room.mood = "vexations"
    for _ in range(100):
        simulation.step(minutes=1)
    assert simulation.room.mood == "vexations"
    simulation.step(minutes=100)
    assert simulation.room.mood == "gymnopedie"


def test_a_small_step_back_across_a_change_does_not_undo_it(tmp_path: Path) -> None:
    simulation = Simulation(tmp_path, start=dt.datetime(2026, 3, 27, 14, 59, 50, tzinfo=dt.UTC))
    simulation.step(seconds=11)
    assert simulation.room.glides == [("gymnopedie", 60.0)]
    for _ in range(5):
        simulation.step(seconds=-3)
    simulation.step(minutes=2)
    assert simulation.room.glides == [("gymnopedie", 60.0)]


def test_a_broken_mood_is_complained_about_and_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    simulation = Simulation(tmp_path, start=dt.datetime(2026, 3, 27, 14, 59, tzinfo=dt.UTC))
    simulation.room.broken.add("gymnopedie")
    for _ in range(61):
        simulation.step(seconds=2)
    assert simulation.room.mood == "airport"
    assert len(caplog.messages) == 3
    assert "gymnopedie is broken; tried again in 30 s" in caplog.messages[0]
    simulation.room.broken.clear()
    simulation.step(seconds=30)
    assert simulation.room.mood == "gymnopedie"


def test_the_file_may_be_edited_and_a_broken_edit_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    simulation = Simulation(tmp_path, start=dt.datetime(2026, 3, 27, 10, 0, tzinfo=dt.UTC))
    simulation.path.write_text(WEEK.replace('"16:00"', '"25:00"'))
    simulation.step(seconds=2)
    simulation.step(seconds=2)
    assert len(caplog.messages) == 1
    assert "day.yaml, line 13, moods.3.from: expected a time" in caplog.messages[0]
    assert simulation.room.mood == "airport"
    simulation.path.write_text(WEEK.replace('"16:00"', '"11:00"'))
    simulation.step(seconds=2)
    assert simulation.room.mood == "gymnopedie"


def test_what_comes_next_is_told(tmp_path: Path) -> None:
    simulation = Simulation(tmp_path, start=dt.datetime(2026, 3, 27, 14, 0, tzinfo=dt.UTC))
    for _ in range(7):
        simulation.step(hours=1)
    assert simulation.room.shown[:2] == ["16:00 gymnopedie", "18:00 closed"]
    assert simulation.room.shown[2].endswith(" night")
    assert simulation.room.shown[3] == "02:30 vexations"


@pytest.mark.parametrize("date", [dt.date(2026, 6, 21), dt.date(2026, 12, 21)])
def test_where_the_sun_neither_rises_nor_sets_the_other_moods_hold(tmp_path: Path, date: dt.date) -> None:
    text = WEEK.replace("latitude: 48.86", "latitude: 78.2").replace("longitude: 2.35", "longitude: 15.6")
    start = dt.datetime.combine(date, dt.time(), dt.UTC)
    simulation = Simulation(tmp_path, text, start)
    seen = set()
    for _ in range(48):
        simulation.step(minutes=30)
        seen.add(simulation.room.mood)
    assert seen >= {"vexations", "gymnopedie"}
    assert not seen & {"airport", "night"}
