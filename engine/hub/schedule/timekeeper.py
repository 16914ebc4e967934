"""Follows the day while the room plays: acts when what is wanted changes, and leaves what hands do in between alone."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from engine.errors import AmeublementError, DayError
from engine.files.stamps import stamp_of
from engine.hub.schedule.plan import A_DAY, Plan, Wanted
from engine.hub.schedule.settings import read_day

STEP_BACK_S: Final = 120.0
"""A clock that is set back by less than this is waited for: a change is not undone for a minute."""
TRY_AGAIN_S: Final = 30.0
AHEAD: Final = dt.timedelta(days=8)

log = logging.getLogger(__name__)


class Hands(Protocol):
    """What a day may do."""

    def glide_to_mood(self, name: str, morph_s: float) -> None:
        """Raises AmeublementError where the mood cannot be used."""

    def fade(self, silent: bool, fade_s: float) -> None: ...

    def show(self, path: str, *arguments: object) -> None:
        """Tell every surface."""


class Timekeeper:
    """`step` now and then, every second or so. `clock` gives seconds since 1970, as the wall clock has them now.

    It begins with what is wanted at that time taken as done.
    """

    def __init__(
        self,
        path: Path,
        moods: Callable[[], tuple[str, ...]],
        hands: Hands,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._moods, self._hands, self._clock = path, moods, hands, clock
        self._stamp = stamp_of(path)
        self.plan = Plan(read_day(path, moods()))
        self._now_s = clock()
        self.done = self.plan.at(_utc(self._now_s))
        """What was wanted last, and done."""
        self._try_again_s = 0.0
        self._told_from = self._told_until = _utc(0.0)
        self._tell()

    def step(self) -> None:
        """Do what has become due."""
        now_s = self._clock()
        if 0.0 < self._now_s - now_s < STEP_BACK_S:
            return
        self._now_s = now_s
        self._reread()
        wanted = self.plan.at(_utc(now_s))
        if wanted != self.done and not now_s < self._try_again_s <= now_s + TRY_AGAIN_S:
            self._follow(wanted)
        self._tell()

    def _follow(self, wanted: Wanted) -> None:
        if wanted.is_open != self.done.is_open:
            self._hands.fade(not wanted.is_open, self.plan.day.fade_s)
            self.done = Wanted(self.done.mood, wanted.is_open)
        if wanted.mood and wanted.mood != self.done.mood:
            try:
                self._hands.glide_to_mood(wanted.mood, self.plan.day.morph_s)
            except AmeublementError as problem:
                self._try_again_s = self._now_s + TRY_AGAIN_S
                _complain(f"{problem}; tried again in {TRY_AGAIN_S:g} s")
                return
        self.done = wanted

    def _tell(self) -> None:
        """Show what comes next, for as long as it has not come."""
        now = _utc(self._now_s)
        if self._told_from <= now < self._told_until:
            return
        change = next(self.plan.changes(now, now + AHEAD), None)
        self._told_from, self._told_until = now, change[0] if change else now + A_DAY
        self._hands.show("/day/next", describe(change, self.plan) if change else "nothing changes")

    def _reread(self) -> None:
        """Take in the file where it was edited; one that is broken is complained about once, and the old one holds."""
        stamp = stamp_of(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self.plan = Plan(read_day(self._path, self._moods()))
            self._told_until = self._told_from
        except DayError as problem:
            _complain(f"{problem}; the day goes on as it was")


def follow(path: Path | None, moods: Callable[[], tuple[str, ...]], hands: Hands) -> Timekeeper | None:
    """A timekeeper for a file that was checked at the start; None if it has been broken since."""
    try:
        return Timekeeper(path, moods, hands) if path else None
    except DayError as problem:
        _complain(f"is not followed: {problem}")
        return None


def describe(change: tuple[dt.datetime, Wanted], plan: Plan) -> str:
    """For people: a change by the clock on the wall, for instance "22:00 night" or "18:00 closed"."""
    when, wanted = change
    before = plan.at(when - dt.timedelta(seconds=1))
    what = "" if wanted.is_open == before.is_open else "open" if wanted.is_open else "closed"
    mood = wanted.mood if wanted.mood != before.mood else ""
    local = when.astimezone(plan.zone)
    return " ".join(word for word in (f"{local:%H:%M}", what, mood) if word)


def _complain(what: str) -> None:
    log.warning("%s", what, extra={"where": "/day"})


def _utc(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
