"""Days as files: the ones that ship, and what is said about one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import DayError
from engine.hub.schedule.settings import Moment, day_path, list_days, read_day
from engine.parameters.moods import list_moods

GOOD = 'title: Test\ntimezone: Europe/Paris\nmoods:\n  - {from: "09:00", mood: night}\n'


def complaint(folder: Path, text: str) -> str:
    path = folder / "day.yaml"
    path.write_text(text)
    with pytest.raises(DayError) as error:
        read_day(path, list_moods())
    return str(error.value)


@pytest.mark.parametrize("name", list_days())
def test_each_ships_whole(name: str) -> None:
    day = read_day(day_path(name), list_moods())
    assert day.title
    assert day.about


def test_times_as_people_and_yaml_write_them(tmp_path: Path) -> None:
    path = tmp_path / "day.yaml"
    times = ('"09:00"', "18:30", "sunrise", "sunset - 0:30", "sunset+1:00", "24:00")
    entries = "".join(f"  - {{from: {time}, mood: night}}\n" for time in times)
    path.write_text(f"title: T\ntimezone: UTC\nlatitude: 1\nlongitude: 2\nmoods:\n{entries}")
    moments = [entry.begin for entry in read_day(path, ("night",)).moods]
    assert moments == [
        *(Moment("clock", 540), Moment("clock", 1110), Moment("sunrise", 0)),
        *(Moment("sunset", -30), Moment("sunset", 60), Moment("clock", 1440)),
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (GOOD.replace("09:00", "9 o'clock"), ["line 4, moods.0.from", "expected a time such as"]),
        (GOOD.replace("09:00", "24:30"), ["moods.0.from", "expected a time"]),
        (GOOD.replace("night", "nigth"), ["there is no mood 'nigth'. Did you mean 'night'"]),
        (GOOD.replace('"09:00"', "sunset"), ["need latitude and longitude"]),
        (GOOD.replace("Europe/Paris", "Europe/Pari"), ["Europe/Pari", "not known"]),
        (GOOD.replace("Europe/Paris", "../etc/passwd"), ["timezone"]),
        (GOOD + "colour: red\n", ["line 5, colour", "unknown key"]),
        (GOOD + "morph_s: 9000\n", ["morph_s", "less than or equal to 600"]),
        (GOOD + "open: [{from: '10:00'}]\n", ["line 5, open.0.to", "missing"]),
        (GOOD + "open: [{from: '10:00', to: '18:00', days: [monday]}]\n", ["open.0.days.0", "mon"]),
        (GOOD + "exceptions: [{date: 2026-13-01}]\n", ["line 5, exceptions.0.date", "month"]),
        (GOOD + "exceptions: [{date: 2026-12-26, until: 2026-12-24}]\n", ["exceptions.0", "before"]),
        (GOOD + "exceptions: [{date: 2026-12-26, closed: true, open: [{from: 1:00, to: 2:00}]}]\n", ["keep one"]),
        (GOOD.split("moods", maxsplit=1)[0], ["moods", "missing"]),
        (GOOD.split("  -", maxsplit=1)[0] + "  []\n", ["moods"]),
        ("title: [", ["not valid YAML"]),
        ("", ["day.yaml"]),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, parts: list[str]) -> None:
    said = complaint(tmp_path, text)
    for part in ("day.yaml", *parts):
        assert part in said


def test_names(tmp_path: Path) -> None:
    with pytest.raises(DayError, match="Did you mean 'gallery'"):
        day_path("galery")
    with pytest.raises(DayError, match="cannot be read"):
        read_day(tmp_path / "none.yaml", ())
    assert day_path("x/y.yaml") == Path("x/y.yaml")
