"""Times of day: two ways are taken, and of the others is said what was meant."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.errors import DayError
from engine.hub.schedule.clock_times import meant_perhaps, minutes_of
from engine.hub.schedule.plan import Plan
from engine.hub.schedule.settings import read_day

PLACE = "title: Here\ntimezone: Europe/Oslo\nlatitude: 69.65\nlongitude: 18.96\n"
"""Tromsø."""


def plan_of(tmp_path: Path, rest: str) -> Plan:
    path = tmp_path / "day.yaml"
    path.write_text(PLACE + rest, "utf-8")
    return Plan(read_day(path, ("bright", "dark")))


def hours_open(plan: Plan, month: int, day: int) -> float:
    """Of one date, looked at every quarter of an hour."""
    start = dt.datetime(2026, month, day, tzinfo=ZoneInfo("Europe/Oslo"))
    return sum(plan.at(start + dt.timedelta(minutes=15 * n)).is_open for n in range(96)) / 4


@pytest.mark.parametrize("written", ["9:00", "09:00", '"9:00"', "'09:00'"])
def test_nine_in_the_morning(written: str, tmp_path: Path) -> None:
    plan = plan_of(tmp_path, f"open: [{{from: {written}, to: 18:00}}]\nmoods: [{{from: 0:00, mood: dark}}]\n")
    assert plan.day.open is not None
    assert plan.day.open[0].begin.minutes == 540
    assert hours_open(plan, 3, 2) == 9.0


MEANT = {
    "9": "9:00",
    "18": "18:00",
    "0900": "9:00",
    "930": "9:30",
    "1830": "18:30",
    "540": "5:40",
    "9.30": "9:30",
    "9,30": "9:30",
    "9h30": "9:30",
    "9h": "9:00",
    "18 h": "18:00",
    "9 Uhr": "9:00",
    "9am": "9:00",
    "9 pm": "21:00",
    "9:30 p.m.": "21:30",
    "12am": "0:00",
    "9:5": "9:05",
    "9:00:00": "9:00",
    "noon": "12:00",
    "midnight": "24:00",
    "dusk": "sunset",
    "Sunrise": "sunrise",
    "sunset-1": "sunset - 1:00",
    "sunrise + 0.30": "sunrise + 0:30",
}


@pytest.mark.parametrize("written", MEANT)
def test_what_was_meant_perhaps(written: str, tmp_path: Path) -> None:
    with pytest.raises(DayError) as error:
        plan_of(tmp_path, f'open: [{{from: "{written}", to: 18:00}}]\nmoods: [{{from: 0:00, mood: dark}}]\n')
    assert "day.yaml, line 5, open.0.from: expected a time such as 9:00, 18:30" in str(error.value)
    assert str(error.value).endswith(f", not '{written}'. Did you mean {MEANT[written]}?")


@pytest.mark.parametrize("written", ["9", "-9", "9.5.1", "99", "2500", "soon", "", "24:01", "12:60", "25:00"])
def test_what_is_no_time(written: str) -> None:
    assert minutes_of(written) is None
    assert meant_perhaps(written) == (" Did you mean 9:00?" if written == "9" else "")


@pytest.mark.parametrize("date", ["20261224", "24.12.2026", "2026-12", "1", "tomorrow"])
def test_a_date_is_written_in_one_way(date: str, tmp_path: Path) -> None:
    with pytest.raises(DayError, match=r"exceptions\.0\.date: expected a date such as 2026-12-24"):
        plan_of(tmp_path, f"moods: [{{from: 0:00, mood: dark}}]\nexceptions: [{{date: {date}, closed: on}}]\n")


MOODS = "moods: [{from: 0:00, mood: dark}]\n"


@pytest.mark.parametrize(
    ("opening", "midsummer_h", "midwinter_h"),
    [
        ("from: sunrise, to: sunset", 24.0, 0.0),
        ("from: sunset, to: sunrise", 0.0, 24.0),
        ("from: sunrise + 1:00, to: sunset - 1:00", 24.0, 0.0),
        ("from: 10:00, to: sunset", 14.0, 0.0),
        ("from: sunrise, to: 18:00", 18.0, 0.0),
        ("from: sunset, to: 22:00", 0.0, 22.0),
        ("from: 8:00, to: 20:00", 12.0, 12.0),
    ],
)
def test_midnight_sun_and_polar_night(opening: str, midsummer_h: float, midwinter_h: float, tmp_path: Path) -> None:
    plan = plan_of(tmp_path, f"open: [{{{opening}}}]\n{MOODS}")
    assert hours_open(plan, 6, 20) == midsummer_h
    assert hours_open(plan, 12, 20) == midwinter_h


def test_in_between_the_sun_is_followed(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, f"open: [{{from: sunrise, to: sunset}}]\n{MOODS}")
    assert hours_open(plan, 3, 20) == pytest.approx(12.2, abs=0.4)


def test_moods_of_the_sun_alone_hold_while_it_stands(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "moods: [{from: sunrise, mood: bright}, {from: sunset, mood: dark}]\n")
    noon = [dt.datetime(2026, month, 20, 12, tzinfo=dt.UTC) for month in (6, 12)]
    assert [plan.at(when).mood for when in noon] == ["bright", "dark"]
