"""The structured log is read by machines, bounded, and never in the way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.supervision.monitoring import event_log
from engine.supervision.monitoring.event_log import EventLog


def events(log: EventLog) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.path.read_text().splitlines()]


def test_a_line_is_an_object_with_time_level_and_fields(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    log.write("restart", "room started again", trouble=True, part="room")
    (event,) = events(log)
    assert (event["event"], event["level"], event["part"]) == ("restart", "warning", "room")
    assert str(event["time"]).endswith("+00:00")


def test_a_folder_that_was_removed_comes_back(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "logs")
    log.write("note", "one")
    shutil.rmtree(tmp_path / "logs")
    log.write("note", "two")
    assert [event["text"] for event in events(log)] == ["two"]


def test_a_disk_that_is_full_is_no_error() -> None:
    EventLog(Path("/proc/nothing")).write("note", "lost")
    EventLog(Path("/dev/full")).write("note", "lost")


def test_what_it_takes_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "MOST_BYTES", 10_000)
    monkeypatch.setattr(event_log, "LINES_PER_MINUTE", 10**9)
    log = EventLog(tmp_path)
    for number in range(2000):
        log.write("note", f"line {number}")
    files = list(tmp_path.iterdir())
    assert len(files) == event_log.OLD_FILES + 1
    assert sum(path.stat().st_size for path in files) < 10_000 * len(files)


def test_a_storm_of_lines_is_cut_and_counted(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    for _ in range(1000):
        log.write("error", "again")
    assert log.left_out >= 1000 - 2 * event_log.LINES_PER_MINUTE
    assert len(events(log)) == 1000 - log.left_out
