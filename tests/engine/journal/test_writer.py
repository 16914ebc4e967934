"""The journal on a real disk: cut, filled, taken away, and bounded over months."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.files.paths import ROOT
from engine.journal import writer as writer_module
from engine.journal.place import JournalPlace
from engine.journal.reader import Losses, Record, first_record, read_stream
from engine.journal.records import decode_all, encode
from engine.journal.segments import list_segments
from engine.journal.writer import JournalWriter
from engine.music.conductor.conductor import Conductor
from engine.parameters.moods import load_mood
from engine.renderer.engine_journal import EngineJournal, Run
from engine.sound.stem_renderer import Scheduled
from tests.engine.phrases import Wanderer
from tests.engine.sounds import INSTRUMENTS
from tests.logged import Logged


class Opened:
    """A writer, and what it warned of."""

    def __init__(self, folder: Path, most_bytes: int = 1_000_000, **options: Any) -> None:
        headline = {"run": "r"}
        self.logged = Logged("engine.journal")
        self.writer = JournalWriter(folder, "engine", most_bytes, lambda: headline, **options)

    def close(self) -> None:
        self.writer.close()
        self.logged.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "FLUSH_S", 0.02)
    monkeypatch.setattr(writer_module, "RETRY_S", 0.05)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    made = Opened(tmp_path / "journal")
    yield made
    made.close()


def until(condition: Callable[[], bool], patience_s: float = 30.0) -> None:
    end_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def read(folder: Path) -> tuple[list[Record], list[str]]:
    losses = Losses()
    return list(read_stream(folder, "engine", losses)), losses.lines


def numbers(folder: Path) -> list[int]:
    return [record.fields["n"] for record in read(folder)[0] if record.kind == "note"]


def test_what_was_written_is_on_the_disk_at_once_and_after_closing(opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    opened.writer.write("note", {"n": 1})
    opened.writer.write("note", {"n": 2}, lambda: {"hash": "found out later"})
    until(lambda: numbers(folder) == [1, 2])
    opened.writer.write("note", {"n": 3})
    opened.writer.close()
    records, losses = read(folder)
    assert [record.kind for record in records] == ["segment", "note", "note", "note"]
    assert records[2].fields["hash"] == "found out later"
    assert abs(records[3].wall_s - time.time()) < 5
    assert not losses


def played(folder: Path) -> bytes:
    """What a renderer writes of three phrases, with a fader moved before each: the bytes of its segment."""
    journal = EngineJournal(JournalPlace(folder, 1_000_000), Run("a", 5, "Night", None))
    conductor = Conductor(5, load_mood("night"), Wanderer(), journal.phrase)
    frame = 0
    for number in range(3):
        journal.set(frame, {"/layer/cello/level_db": -20.0 - number}, 0.1)
        item = Scheduled(frame, conductor.next_score(), INSTRUMENTS)
        journal.score(frame, item)
        frame = item.end_frame
    journal.close()
    [segment] = list_segments(folder, "engine")
    return segment.read_bytes()


def test_after_a_cut_at_any_byte_reading_and_writing_go_on(tmp_path: Path) -> None:
    data = played(tmp_path / "journal")
    whole, losses = read(tmp_path / "journal")
    assert not losses
    assert {record.kind for record in whole} == {"segment", "set", "phrase", "weights", "score", "end"}
    ends = np.cumsum([len(encode(contents)) for contents in decode_all(data) if isinstance(contents, dict)])
    assert ends[-1] == len(data)
    [segment] = list_segments(tmp_path / "journal", "engine")
    near_ends = {int(end) + shift for end in ends for shift in (-1, 0, 1) if end + shift <= len(data)}
    for cut in sorted({0, *near_ends, *range(0, len(data), 131)}):
        folder = tmp_path / f"cut{cut}"
        folder.mkdir()
        (folder / segment.name).write_bytes(data[:cut])
        before = read(folder)[0]
        assert before == whole[: int((ends <= cut).sum())]
        again = Opened(folder)
        again.writer.write("note", {"n": 100})
        again.close()
        after, losses = read(folder)
        assert after[: len(before)] == before
        assert [record.kind for record in after[len(before) :]] == ["segment", "note"]
        assert len(losses) <= 1
        assert (folder / segment.name).read_bytes() == data[:cut]


KILLED = """
import sys, time
from pathlib import Path
from engine.journal.writer import JournalWriter
writer = JournalWriter(Path(sys.argv[1]), "engine", 10**6, dict)
for n in range(10**6):
    writer.write("note", {"n": n, "at": time.time()})
    time.sleep(0.01)
"""


@pytest.mark.realtime
def test_a_killed_writer_loses_no_more_than_the_last_second(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT) as process:
        until(lambda: len(numbers(tmp_path)) > 60)
        time.sleep(0.33)
        killed_s = time.time()
        process.send_signal(signal.SIGKILL)
    kept = [record for record in read(tmp_path)[0] if record.kind == "note"]
    assert [record.fields["n"] for record in kept] == list(range(len(kept)))
    assert killed_s - kept[-1].fields["at"] < 1.0


@pytest.mark.realtime
def test_a_full_disk_is_said_once_costs_nothing_while_memory_lasts_and_is_written_later(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "journal"
    opened.writer.write("note", {"n": 0})
    until(lambda: numbers(folder) == [0])
    ordinary_write = os.write

    def half_then_full(file: int, data: bytes) -> int:
        if len(data) > 20:
            return ordinary_write(file, data[:20])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writer_module.os, "write", half_then_full)
    start_s = time.monotonic()
    for n in range(1, 200):
        opened.writer.write("note", {"n": n})
    assert time.monotonic() - start_s < 0.1
    until(lambda: opened.writer.failed)
    time.sleep(0.3)
    [(where, what)] = opened.logged.troubles
    assert where == "/journal"
    assert "No space left" in what
    assert numbers(folder) == [0]
    monkeypatch.setattr(writer_module.os, "write", ordinary_write)
    until(lambda: numbers(folder) == list(range(200)))
    until(lambda: len(opened.logged.troubles) == 2)
    assert "is written again" in opened.logged.texts[1]
    assert not read(folder)[1]
    assert len(list_segments(folder, "engine")) == 2  # and no empty ones from all the tries


def test_what_does_not_fit_into_memory_meanwhile_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "MOST_WAITING", 10)
    (tmp_path / "journal").write_text("a file where the folder should be")
    opened = Opened(tmp_path / "journal")
    for n in range(25):
        opened.writer.write("note", {"n": n})
    until(lambda: opened.writer.failed)
    assert opened.writer.dropped == 15
    (tmp_path / "journal").unlink()
    until(lambda: len(numbers(tmp_path / "journal")) == 10)
    opened.close()
    [told] = [record for record in read(tmp_path / "journal")[0] if record.kind == "dropped"]
    assert told.fields["records"] == 15


def test_a_folder_that_is_taken_away_is_made_again(opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    opened.writer.write("note", {"n": 0})
    until(lambda: numbers(folder) == [0])
    shutil.rmtree(folder)
    opened.writer.write("note", {"n": 1})
    until(lambda: numbers(folder) == [1])


def test_a_record_that_cannot_be_made_says_so_in_its_place(opened: Opened, tmp_path: Path) -> None:
    def cannot() -> dict[str, Any]:
        raise FileNotFoundError("texture gone")

    opened.writer.write("texture", {"file": "a.wav"}, cannot)
    opened.writer.write("note", {"n": float("inf")})
    opened.writer.write("note", {"n": 3})
    opened.writer.close()
    assert [record.kind for record in read(tmp_path / "journal")[0]] == ["segment", "unwritable", "unwritable", "note"]


def test_months_stay_within_the_limit_and_each_segment_can_be_read_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module.os, "fsync", lambda _: None)
    monkeypatch.setattr(writer_module, "FLUSH_S", 60.0)  # the test says when
    limit, written, most = 60_000, 0, 0
    for start in range(4):  # restarts, too
        opened = Opened(tmp_path, limit, segment_bytes=10_000)
        for n in range(40):
            for _ in range(20):
                opened.writer.write("note", {"n": n, "text": os.urandom(30).hex()})
                written += 1
            opened.writer._flush()
            most = max(most, sum(path.stat().st_size for path in list_segments(tmp_path, "engine")))
        opened.close()
        assert start == 0 or most > limit / 2
    assert most <= limit
    assert written == 3200
    kept = numbers(tmp_path)
    assert 200 < len(kept) < written
    assert all(first_record(path).kind == "segment" for path in list_segments(tmp_path, "engine"))  # type: ignore[union-attr]
