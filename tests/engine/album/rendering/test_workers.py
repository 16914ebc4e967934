"""Tasks on several processes: in the order they need, with progress, and an end whatever happens."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from engine.album.rendering import workers
from engine.album.rendering.workers import Pool, Report, Task
from engine.errors import RecordError


def add(report: Report, path: Path, text: str) -> int:
    report(0.5)
    with path.open("a") as file:
        file.write(text)
    return len(text)


def refuse(report: Report) -> None:
    raise RecordError("no such chord")


def die(report: Report) -> None:
    os._exit(1)


def test_tasks_wait_for_each_other_and_report(tmp_path: Path) -> None:
    path, shares = tmp_path / "order", []
    tasks = [Task("last", add, (path, "c"), ["first", "second"]), Task("second", add, (path, "bb"), ["first"])]
    with Pool(2) as pool:
        results = pool.run([*tasks, Task("first", add, (path, "aaa"), weight=2.0)], shares.append)
        assert results == {"first": 3, "second": 2, "last": 1}
        assert path.read_text() == "aaabbc"
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
        with pytest.raises(RecordError, match="no such chord"):
            pool.run([Task("wrong", refuse)])


def test_what_most_waits_for_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "order"
    tasks = [
        Task("short", add, (path, "s"), weight=1.0),
        Task("middle", add, (path, "m"), weight=3.0),
        Task("begins", add, (path, "b"), weight=1.0),
        Task("ends", add, (path, "e"), ["begins"], weight=2.5),
    ]
    with Pool(1) as pool:
        pool.run(tasks)
    assert path.read_text() == "bmes"


def test_a_process_that_dies_is_said(tmp_path: Path) -> None:
    with Pool(1) as pool, pytest.raises(RecordError, match="working on lost died"):
        pool.run([Task("lost", die)])


def test_ctrl_c_while_workers_start_leaves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = workers._Worker

    def stopped(*arguments: Any) -> workers._Worker:
        signal.raise_signal(signal.SIGINT)
        return noted(*arguments)

    monkeypatch.setattr(workers, "_Worker", stopped)
    pool = Pool(2)
    with pytest.raises(KeyboardInterrupt):
        pool.__enter__()
    assert multiprocessing.active_children() == []
