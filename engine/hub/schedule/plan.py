"""What should be playing at an instant: a pure function of the day's file and of time, so no change of the clock,
however large, can leave it in a wrong state.

Times of day are those of the clock on the wall. One that a change to summer time skips counts from when the clock has
gone on, one that a change to winter time repeats counts from its first time round.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import elevation, sunrise, sunset

from engine.hub.schedule.clock_times import DAY_MINUTES
from engine.hub.schedule.settings import WEEKDAYS, DaySettings, Entry, Moment, Opening, SpecialDay

A_DAY: Final = dt.timedelta(days=1)
HORIZON_DEG: Final = -0.833
"""Where the middle of the sun is as its rim rises or sets, with what the air bends."""
_SUNRISE: Final = Moment("sunrise", 0)
_SUNSET: Final = Moment("sunset", 0)
LOOK_BACK_DAYS: Final = 8
"""An entry holds until the next one; one that is for a single weekday may hold for a week."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`mood` is None before anything has ever begun."""

    mood: str | None
    is_open: bool


class Plan:
    """All instants are aware; what comes back is in UTC."""

    def __init__(self, day: DaySettings) -> None:
        self.day = day
        self.zone = ZoneInfo(day.timezone)
        self._observer = Observer(day.latitude or 0.0, day.longitude or 0.0)
        self._instant = lru_cache(maxsize=2048)(self._instant_of)

    def at(self, when: dt.datetime) -> Wanted:
        """The mood, and whether the room is open, at an instant."""
        date = when.astimezone(self.zone).date()
        special = self._special(date)
        mood = self._mood(special.moods, when, special.date, date - A_DAY) if special and special.moods else None
        ordinary = self._mood(self.day.moods, when, date - LOOK_BACK_DAYS * A_DAY, date)
        return Wanted(mood or ordinary or self._mood_of(self._standing_sun(date)), self._is_open(when, date))

    def changes(self, start: dt.datetime, end: dt.datetime) -> Iterator[tuple[dt.datetime, Wanted]]:
        """When something else is wanted, after `start` and up to `end`, and what."""
        before = self.at(start)
        for when in sorted(self._turning_points(start, end)):
            wanted = self.at(when)
            if wanted != before:
                yield when, wanted
                before = wanted

    def _turning_points(self, start: dt.datetime, end: dt.datetime) -> set[dt.datetime]:
        found: set[dt.datetime] = set()
        date = start.astimezone(self.zone).date() - 2 * A_DAY
        while date <= end.astimezone(self.zone).date() + A_DAY:
            found.add(self._at_clock(date, 0))  # where special days begin and end
            special = self._special(date)
            for entry in (*self.day.moods, *(special.moods if special else ())):
                if (when := self._instant(date, entry.begin)) is not None:
                    found.add(when)
            for begins, ends in self._openings(date):
                found |= {begins, ends}
            date += A_DAY
        return {when for when in found if start < when <= end}

    def _mood(self, entries: tuple[Entry, ...], when: dt.datetime, first: dt.date, last: dt.date) -> str | None:
        """The mood of the entry that began last, on a day from `first` to a day after `last`."""
        begun: list[tuple[dt.datetime, int, str]] = []
        date = first
        while date <= last + A_DAY:
            for number, entry in enumerate(entries):
                begins = self._instant(date, entry.begin) if WEEKDAYS[date.weekday()] in entry.days else None
                if begins is not None and begins <= when:
                    begun.append((begins, number, entry.mood))
            date += A_DAY
        return max(begun)[2] if begun else None

    def _mood_of(self, event: str) -> str | None:
        """The mood that begins with a sunrise or sunset of long ago, where no other mood has begun since."""
        return next((entry.mood for entry in reversed(self.day.moods) if entry.begin.base == event), None)

    def _is_open(self, when: dt.datetime, date: dt.date) -> bool:
        days = (date - A_DAY, date, date + A_DAY)  # hours may go past midnight, and the sun may rise before it
        return any(begins <= when < ends for day in days for begins, ends in self._openings(day))

    def _openings(self, date: dt.date) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        special = self._special(date)
        if special and special.closed:
            return
        openings = special.open if special and special.open is not None else self.day.open
        if openings is None:
            yield self._at_clock(date, 0), self._at_clock(date, DAY_MINUTES)
            return
        for opening in openings:
            if WEEKDAYS[date.weekday()] in opening.days and (span := self._span(date, opening)):
                yield span

    def _span(self, date: dt.date, opening: Opening) -> tuple[dt.datetime, dt.datetime] | None:
        begins, ends = self._edge(date, opening.begin), self._edge(date, opening.to)
        happen = all(self._instant(date, moment) is not None for moment in (opening.begin, opening.to))
        if ends <= begins and happen:
            ends = self._edge(date + A_DAY, opening.to)  # past midnight
        return (begins, ends) if begins < ends else None

    def _edge(self, date: dt.date, moment: Moment) -> dt.datetime:
        """Where an opening begins or ends. Under the midnight sun, sunrise is as a date begins and sunset as it ends,
        in polar night the other way round: from sunrise to sunset is all day there, or not at all."""
        return self._instant(date, moment) or self._at_clock(
            date, 0 if moment.base == self._standing_sun(date) else DAY_MINUTES
        )

    def _standing_sun(self, date: dt.date) -> Literal["sunrise", "sunset", ""]:
        """What happened last where neither does on a date: sunrise if the sun is up at noon; else empty."""
        if self.day.latitude is None or self._instant(date, _SUNRISE) or self._instant(date, _SUNSET):
            return ""
        return (
            "sunrise" if elevation(self._observer, self._at_clock(date, DAY_MINUTES // 2)) > HORIZON_DEG else "sunset"
        )

    def _special(self, date: dt.date) -> SpecialDay | None:
        """The last exception that names a date, so that one day of a holiday can be different again."""
        return next((one for one in reversed(self.day.exceptions) if one.date <= date <= one.last), None)

    def _instant_of(self, date: dt.date, moment: Moment) -> dt.datetime | None:
        """When a moment of a date is, or None where the sun neither rises nor sets on it."""
        if moment.base == "clock":
            return self._at_clock(date, moment.minutes)
        try:
            turn = (sunrise if moment.base == "sunrise" else sunset)(self._observer, date=date, tzinfo=self.zone)
        except ValueError:
            return None
        return turn.astimezone(dt.UTC) + dt.timedelta(minutes=moment.minutes)

    def _at_clock(self, date: dt.date, minutes: int) -> dt.datetime:
        """Through the wall clock, so that a day with 23 hours has them."""
        date += A_DAY * (minutes // DAY_MINUTES)
        hours, rest = divmod(minutes % DAY_MINUTES, 60)
        return dt.datetime(date.year, date.month, date.day, hours, rest, tzinfo=self.zone).astimezone(dt.UTC)
