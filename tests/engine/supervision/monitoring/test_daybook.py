"""A line a day, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from engine.supervision.monitoring.daybook import Daybook, Tally, length, line

NOON = datetime(2031, 3, 1, 12, tzinfo=UTC)


def test_the_line_of_a_good_day() -> None:
    day = Tally(played_s=86_398, hold_s=2.0, restarts={"sampler": 1, "room": 0})
    assert line(day) == "played 23 h 59 min 58 s, 2 s in hold, 1 restart of the sampler"


def test_silence_and_several_restarts_are_named() -> None:
    day = Tally(played_s=3661, silent_s=0.2, restarts={"room": 2})
    assert line(day) == "played 1 h 1 min 1 s, 0.2 s silent, 2 restarts of the room"
    assert [length(s) for s in (0.4, 59.6, 3600)] == ["0 s", "1 min 0 s", "1 h 0 min 0 s"]


def lines(clock_at: object, hours: int) -> list[tuple[int, str]]:
    """(hour, line) of a book that is asked once an hour; `clock_at(hour)` is what the wall says."""
    book, said = Daybook.open(0.0, clock_at(0)), []  # type: ignore[operator]
    for hour in range(hours):
        text = book.line_if_due(Tally(played_s=hour * 3600.0), hour * 3600.0, clock_at(hour))  # type: ignore[operator]
        if text:
            said.append((hour, text))
    return said


def test_a_line_at_each_midnight_that_ends_a_day() -> None:
    said = lines(lambda hour: NOON + timedelta(hours=hour), 100)
    assert [hour for hour, _ in said] == [12, 36, 60, 84]
    assert said[1][1] == "played 24 h 0 min 0 s"


def test_a_clock_set_by_a_day_neither_doubles_nor_swallows_a_line() -> None:
    for jump_days in (-1, 1):
        said = lines(lambda hour, jump=jump_days: NOON + timedelta(hours=hour, days=jump if hour >= 40 else 0), 200)
        gaps = [b - a for (a, _), (b, _) in pairwise(said)]
        assert min(gaps) >= 12
        assert max(gaps) <= 36
        total = sum(int(text.split(" h")[0].removeprefix("played ")) for _, text in said)
        assert total == said[-1][0]
