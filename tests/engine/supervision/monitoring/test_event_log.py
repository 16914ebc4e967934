"""The structured log is read by machines, bounded, and never in the way."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import pytest

from engine.supervision.monitoring import event_log
from engine.supervision.monitoring.event_log import JsonLinesHandler


def write(handler: JsonLinesHandler, event: str, text: str, level: int = logging.INFO, **fields: object) -> None:
    """As a module of the engine logs it."""
    logger = logging.Logger("engine.test")  # noqa: LOG001  (one that nobody else hears)
    logger.addHandler(handler)
    logger.log(level, "%s", text, extra={"event": event, **fields})


def events(log: JsonLinesHandler) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.path.read_text().splitlines()]


def test_a_line_is_an_object_with_time_level_and_fields(tmp_path: Path) -> None:
    log = JsonLinesHandler(tmp_path)
    write(log, "restart", "room started again", logging.WARNING, part="room")
    (event,) = events(log)
    assert (event["event"], event["level"], event["part"]) == ("restart", "warning", "room")
    assert str(event["time"]).endswith("+00:00")


def test_a_folder_that_was_removed_comes_back(tmp_path: Path) -> None:
    log = JsonLinesHandler(tmp_path / "logs")
    write(log, "note", "one")
    shutil.rmtree(tmp_path / "logs")
    write(log, "note", "two")
    assert [event["text"] for event in events(log)] == ["two"]


def test_a_disk_that_is_full_is_no_error() -> None:
    write(JsonLinesHandler(Path("/proc/nothing")), "note", "lost")
    write(JsonLinesHandler(Path("/dev/full")), "note", "lost")


def test_what_it_takes_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "MOST_BYTES", 10_000)
    monkeypatch.setattr(event_log, "LINES_PER_MINUTE", 10**9)
    log = JsonLinesHandler(tmp_path)
    for number in range(2000):
        write(log, "note", f"line {number}")
    files = list(tmp_path.iterdir())
    assert len(files) == event_log.OLD_FILES + 1
    assert sum(path.stat().st_size for path in files) < 10_000 * len(files)


def test_a_storm_of_lines_is_cut_and_counted(tmp_path: Path) -> None:
    log = JsonLinesHandler(tmp_path)
    for _ in range(1000):
        write(log, "error", "again")
    assert log.left_out >= 1000 - 2 * event_log.LINES_PER_MINUTE
    assert len(events(log)) == 1000 - log.left_out
