"""From records to what was heard when: holds, restarts, clocks that are set, hours that come twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from engine.errors import JournalError
from engine.journal.reader import Record
from engine.journal.runs import RunRecords, cells
from engine.journal.stretch import find_starts, parse_time, stretch
from engine.reels.format import REEL_FRAMES, REEL_S

NOON_S = 1_700_000_000.0


def run(name: str, *records: tuple[str, float, int], ahead_s: float = 0.0) -> RunRecords:
    """A run of (kind, monotonic seconds, number); the wall clock is `NOON_S` and `ahead_s` before the monotonic."""
    head = Record("segment", NOON_S, records[0][1], {"run": name})
    kinds = {"playing": "reel", "hold": "on"}
    made = [Record(k, NOON_S + ahead_s + mono, mono, {kinds.get(k, "at"): n}) for k, mono, n in records]
    return RunRecords(name, head, made)


def playing(first_reel: int, start_s: float, count: int, every: int = 8) -> list[tuple[str, float, int]]:
    return [("playing", start_s + n * REEL_S, first_reel + n) for n in range(0, count, every)]


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(mono_s: float) -> list[datetime]:
    return [datetime.fromtimestamp(NOON_S + mono_s, UTC)]


def test_one_run_without_a_break_is_one_piece() -> None:
    heard = cells([run("a", *playing(0, 100.0, 80), ("end", 100.0 + 80 * REEL_S, 0))])
    found = stretch(heard, find_starts(heard, at(110.0))[0], 20.0)
    [piece] = found.pieces
    assert piece.first_frame == 480_000
    assert (piece.frames, piece.place) == (960_000, 0)
    assert found.gaps_s == []


def test_a_hold_is_a_gap_and_no_reel_is_missing_or_twice() -> None:
    records = [*playing(0, 0.0, 24), ("hold", 24 * REEL_S, 1), ("hold", 20.0, 0), *playing(24, 20.0, 24)]
    heard = cells([run("a", *records)])
    found = stretch(heard, find_starts(heard, at(0.0))[0], 30.0)
    assert (found.pieces[0].first_frame, found.pieces[0].frames) == (0, 24 * REEL_FRAMES)
    assert found.pieces[1].first_frame == 24 * REEL_FRAMES
    gap_at, gap = found.gaps_s[0]
    assert gap_at == pytest.approx(24 * REEL_S)
    assert gap == pytest.approx(20.0 - 24 * REEL_S, abs=0.01)


def test_a_run_that_was_killed_is_followed_by_the_next_where_that_begins() -> None:
    first = run("a", *playing(0, 0.0, 17))
    second = run("b", *playing(0, 9.5, 17))
    heard = cells([first, second])
    found = stretch(heard, find_starts(heard, at(2.0))[0], 12.0)
    assert [piece.run for piece in found.pieces] == ["a", "b"]
    assert found.pieces[1].first_frame == 0
    assert found.pieces[1].place == pytest.approx(7.5 * 48_000, abs=2 * REEL_FRAMES)
    assert not found.gaps_s


def test_reports_that_came_late_and_at_once_cost_no_reel() -> None:
    late = [("playing", 0.0, 0), ("playing", 7.5, 8), ("playing", 16 * REEL_S, 16)]
    heard = cells([run("a", *late)])
    [piece] = stretch(heard, (0, 0.0), 8.0).pieces
    assert piece.frames == round(8.0 * 48_000)


def test_a_clock_that_was_set_back_makes_a_time_come_twice() -> None:
    before = playing(0, 0.0, 160)
    after = playing(160, 160 * REEL_S, 160)
    both = run("a", *before)
    both.records += run("a", *after, ahead_s=-60.0).records
    heard = cells([both])
    starts = find_starts(heard, at(70.0))
    assert len(starts) == 2
    frames = [stretch(heard, start, 2.0).pieces[0].first_frame for start in starts]
    assert frames == [70 * 48_000, 130 * 48_000]
    assert len(find_starts(heard, at(5.0))) == 1
    assert len(stretch(heard, starts[0], 60.0).pieces) == 1, "music goes on whatever the clock does"


def test_a_time_at_which_nothing_played_begins_with_silence_or_is_none() -> None:
    heard = cells([run("a", *playing(0, 0.0, 8), ("end", 8 * REEL_S, 0)), run("b", *playing(0, 1000.0, 8))])
    [start] = find_starts(heard, at(998.0))
    found = stretch(heard, start, 4.0)
    assert found.gaps_s[0] == (0.0, pytest.approx(2.0, abs=0.01))
    assert found.pieces[0].run == "b"
    assert find_starts(heard, at(5000.0)) == []


def test_times_with_and_without_an_offset(berlin: None) -> None:
    assert [m.isoformat() for m in parse_time("2026-11-23 20:15")] == ["2026-11-23T19:15:00+00:00"]
    assert len(parse_time("2026-10-25 02:30")) == 2
    assert [m.hour for m in parse_time("2026-10-25 02:30+01:00")] == [1]
    with pytest.raises(JournalError, match="skipped"):
        parse_time("2026-03-29 02:30")
    with pytest.raises(JournalError, match="no time"):
        parse_time("quarter past eight")
