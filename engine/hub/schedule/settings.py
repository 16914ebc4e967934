"""A day as a file: `presets/days/NAME.yaml`, checked in full before anything follows it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from engine.errors import DayError
from engine.files.checked_yaml import nearest, read_document
from engine.files.named_presets import preset_names, preset_path
from engine.files.paths import DAYS_FOLDER
from engine.hub.schedule.clock_times import meant_perhaps, minutes_of
from engine.parameters.sound import Settings
from engine.parameters.titles import OneLine

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SUN: Final = re.compile(r"(sunrise|sunset)(?:\s*([+-])\s*(\d{1,2}):([0-5]\d))?")


class Moment(NamedTuple):
    """A time of day: minutes after midnight by the clock on the wall, or after sunrise or sunset."""

    base: Literal["clock", "sunrise", "sunset"]
    minutes: int


def _moment(value: object) -> Moment:
    if isinstance(value, Moment):
        return value
    text = str(value).strip()
    if (minutes := minutes_of(text)) is not None:
        return Moment("clock", minutes)
    if found := _SUN.fullmatch(text):
        minutes = 60 * int(found[3] or 0) + int(found[4] or 0)
        return Moment("sunrise" if found[1] == "sunrise" else "sunset", -minutes if found[2] == "-" else minutes)
    raise ValueError(f"expected a time such as 9:00, 18:30, 24:00, sunrise, or sunset - 0:30{meant_perhaps(text)}")


def _date(value: object) -> object:
    """pydantic would take 20261224 for seconds since 1970."""
    if isinstance(value, str) and not _DATE.fullmatch(value.strip()):
        raise ValueError("expected a date such as 2026-12-24: year, month, day")
    return value


Time = Annotated[Moment, BeforeValidator(_moment)]
Date = Annotated[dt.date, BeforeValidator(_date)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class _Part(Settings):
    """Base: `from` is a word of Python's own, so it is called `begin` here."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, populate_by_name=True)


class Opening(_Part):
    begin: Time = Field(alias="from")
    to: Time
    days: tuple[Weekday, ...] = WEEKDAYS


class Entry(_Part):
    begin: Time = Field(alias="from")
    mood: str = Field(pattern=r"^[A-Za-z0-9_\-]{1,60}$")
    days: tuple[Weekday, ...] = WEEKDAYS


class SpecialDay(_Part):
    """What is different from `date` on, up to and with `until`."""

    date: Date
    until: Date | None = None
    closed: bool = False
    open: tuple[Opening, ...] | None = None
    moods: tuple[Entry, ...] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.until is not None and self.until < self.date:
            raise ValueError(f"until {self.until} is before {self.date}")
        if self.closed and self.open:
            raise ValueError("closed, and opening hours as well: keep one of them")
        return self

    @property
    def last(self) -> dt.date:
        return self.until or self.date


class DaySettings(_Part):
    """A file in `presets/days`. Without `open` the room is always open."""

    title: OneLine = Field(min_length=1, max_length=40)
    about: str = Field("", max_length=200)
    timezone: str
    latitude: float | None = Field(None, ge=-90.0, le=90.0)
    longitude: float | None = Field(None, ge=-180.0, le=180.0)
    morph_s: float = Field(60.0, ge=0.0, le=600.0)
    fade_s: float = Field(30.0, ge=0.2, le=300.0)
    open: tuple[Opening, ...] | None = None
    moods: tuple[Entry, ...] = Field(min_length=1)
    exceptions: tuple[SpecialDay, ...] = ()

    @model_validator(mode="after")
    def _knows_its_place(self) -> Self:
        try:
            ZoneInfo(self.timezone)
        except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
            raise ValueError(f"timezone {self.timezone!r} cannot be used") from None
        except KeyError:
            raise ValueError(f"timezone {self.timezone!r} is not known; expected one such as Europe/Paris") from None
        sun = any(moment.base != "clock" for moment in self._moments())
        if sun and (self.latitude is None or self.longitude is None):
            raise ValueError("sunrise and sunset need latitude and longitude, in degrees, north and east positive")
        return self

    def _moments(self) -> Iterator[Moment]:
        openings = [*(self.open or ()), *(one for day in self.exceptions for one in day.open or ())]
        entries = [*self.moods, *(one for day in self.exceptions for one in day.moods)]
        yield from (opening.begin for opening in openings)
        yield from (entry.begin for entry in entries)
        for opening in openings:
            yield opening.to

    @property
    def mood_names(self) -> frozenset[str]:
        return frozenset(entry.mood for entry in (*self.moods, *(one for day in self.exceptions for one in day.moods)))


def list_days() -> tuple[str, ...]:
    return preset_names(DAYS_FOLDER)


def day_path(name_or_path: str) -> Path:
    """The file of a day, by its name or by a path that ends in .yaml. Raises DayError for a name there is not."""
    return preset_path(name_or_path, DAYS_FOLDER, "day", DayError)


def read_day(path: Path, moods: tuple[str, ...]) -> DaySettings:
    """A day from its file; `moods` are those that exist. Raises DayError with one line per thing that is wrong."""
    document = read_document(path, DaySettings, DayError, "day")
    for name in sorted(document.model.mood_names - set(moods)):
        hint = nearest(name, moods)
        raise DayError(f"{document.place('moods')}: there is no mood {name!r}.{hint} Moods: {', '.join(moods)}")
    return document.model
