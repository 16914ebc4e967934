"""The journal by day, as `journal list` shows it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from engine.journal.days import days
from engine.journal.reader import Record

MIDNIGHT_S = 1_700_006_400.0  # 2023-11-15 00:00 UTC


@pytest.fixture(autouse=True)
def _greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def record(kind: str, at_s: float, **fields: Any) -> Record:
    return Record(kind, MIDNIGHT_S + at_s, 5000.0 + at_s, fields)


def alive(start_s: float, end_s: float) -> list[Record]:
    return [record("alive", float(at_s)) for at_s in range(int(start_s), int(end_s), 60)]


def test_a_night_is_told_on_both_days_with_moods_phrases_and_holds() -> None:
    found = days(
        [
            record("begin", -7200, mood="night", seed=4, resumed=False),
            *alive(-7200, -60),
            record("phrase", -60, origin="satie #1"),
            record("hold", -10, on=1),
            *alive(0, 20),
            record("hold", 20, on=0),
            *alive(60, 300),
            record("set", 301, values={"/mood": "airport"}),
            record("phrase", 302, origin="satie #2"),
            record("phrase", 303, origin="satie #3"),
            record("end", 310),
        ]
    )
    assert [day.date for day in found] == ["2023-11-14", "2023-11-15"]
    [before], [after] = found[0].spans, found[1].spans
    assert (before.begins, before.phrases, before.moods, before.seed) == ("22:00:00", 1, ["night"], 4)
    assert before.hold_s + after.hold_s == pytest.approx(30)
    assert (after.begins, after.ends, after.phrases) == ("00:00:00", "00:05:10", 2)
    assert after.moods == ["night", "airport"]


def test_a_power_cut_ends_a_span_where_it_was_last_alive_and_a_new_supervisor_does_not() -> None:
    found = days(
        [
            record("begin", 0, mood="night", seed=4, resumed=False),
            *alive(0, 600),
            record("begin", 605, mood="night", seed=4, resumed=True),
            *alive(610, 900),
            record("begin", 5000, mood="rhodes", seed=9, resumed=False),
            record("alive", 5060),
        ]
    )
    first, second = found[0].spans
    assert (first.begins, first.ends) == ("00:00:00", "00:14:10")
    assert (second.begins, second.ends, second.moods, second.seed) == ("01:23:20", "01:24:20", ["rhodes"], 9)
