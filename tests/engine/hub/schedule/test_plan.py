"""What should be playing at an instant; `test_week` goes through a week of it minute by minute."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from engine.hub.schedule.plan import Plan, Wanted
from engine.hub.schedule.settings import read_day

HEAD = "title: Test\ntimezone: Europe/Paris\nlatitude: {latitude}\nlongitude: 2.35\n"


def plan(folder: Path, text: str, latitude: float = 48.86) -> Plan:
    path = folder / "day.yaml"
    path.write_text(HEAD.format(latitude=latitude) + text, "utf-8")
    return Plan(read_day(path, ("airport", "night", "rhodes")))


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_an_entry_holds_until_the_next_however_long_that_is(tmp_path: Path) -> None:
    week = plan(tmp_path, 'moods:\n  - {from: "10:00", mood: night, days: [mon]}\n')
    assert week.at(utc("2026-04-13T08:00")) == Wanted("night", is_open=True)
    assert week.at(utc("2026-04-20T07:59")).mood == "night", "a week later all but a minute"


def test_hours_may_go_past_midnight_and_a_holiday_is_closed(tmp_path: Path) -> None:
    one = plan(
        tmp_path,
        'open:\n  - {days: [fri], from: "20:00", to: "02:00"}\nmoods:\n  - {from: "00:00", mood: night}\n'
        "exceptions:\n  - {date: 2026-04-24, closed: true}\n",
    )
    assert [one.at(utc(text)).is_open for text in ("2026-04-17T17:59", "2026-04-17T18:00", "2026-04-17T23:59")] == [
        False, True, True,
    ]  # fmt: skip
    assert not one.at(utc("2026-04-18T00:00")).is_open
    assert not one.at(utc("2026-04-24T18:30")).is_open


def test_a_time_that_summer_time_skips_counts_from_when_the_clock_has_gone_on(tmp_path: Path) -> None:
    one = plan(tmp_path, 'moods:\n  - {from: "00:00", mood: night}\n  - {from: "02:30", mood: rhodes}\n')
    day = [one.at(utc(f"2026-03-29T{clock}")).mood for clock in ("00:59", "01:29", "01:31")]
    assert day == ["night", "night", "rhodes"]


def test_where_the_sun_does_not_set_its_entries_wait(tmp_path: Path) -> None:
    far_north = plan(tmp_path, "moods:\n  - {from: sunset, mood: night}\n", latitude=78.2)
    assert far_north.at(utc("2026-06-21T23:00")).mood is None
    assert far_north.at(utc("2026-03-20T23:00")).mood == "night"


@pytest.mark.parametrize("hours", [3, 24, 200])
def test_changes_are_all_the_instants_at_which_something_else_is_wanted(tmp_path: Path, hours: int) -> None:
    one = plan(
        tmp_path,
        'open:\n  - {days: [mon, tue], from: "09:00", to: "18:00"}\n'
        'moods:\n  - {from: sunrise, mood: airport}\n  - {from: "16:00", mood: night}\n',
    )
    start = utc("2026-04-13T05:00")
    end = start + dt.timedelta(hours=hours)
    changes = list(one.changes(start, end))
    before = one.at(start)
    for when, wanted in changes:
        assert one.at(when - dt.timedelta(seconds=1)) == before != wanted == one.at(when)
        before = wanted
    assert before == one.at(end)
    assert len(changes) >= (1 if hours == 3 else 4)
