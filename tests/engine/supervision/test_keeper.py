"""Supervisors may die, hang and crash; what they had started goes on, and nothing is left at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from engine.files.paths import ROOT

PLAY = """
import os, select, sys, time
from pathlib import Path
from engine import signals
from engine.supervision import keeper
from engine.supervision.keeper import Keeper, REFUSED

keeper.PATIENCE_S = {patience_s}
if not {kernel_helps}:
    signals._libc = None
folder = Path({folder!r})

def say(*words):
    with (folder / "said").open("a") as file:
        print(*words, file=file, flush=True)

def play(link):
{body}

sys.exit(Keeper(play).run())
"""

GO_ON = """
    count = link.memory.get("count", 0) + 1
    child = link.adopt(link.memory["key"]) if count > 1 else link.start("x", ["sleep", "60"], folder / "log", 0)
    say(count, os.getpid(), child.pid, sorted(link.kept) == [child.name] if count > 1 else "")
    while child.poll() is None:
        link.remember({"count": count, "key": child.name})
        select.select([link.socket], [], [], 0.05)
    say("ended", child.poll())
    return 0
"""


@contextmanager
def keeper(
    folder: Path, body: str, patience_s: float = 10.0, *, kernel_helps: bool = True
) -> Iterator[subprocess.Popen[str]]:
    """`kernel_helps`: whether the kernel ends children with their parent, where it can."""
    code = PLAY.format(folder=str(folder), body=body, patience_s=patience_s, kernel_helps=kernel_helps)
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(condition: Callable[[], bool], limit_s: float = 15.0) -> None:
    end_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end_s, "it did not happen"
        time.sleep(0.01)


def said(folder: Path) -> list[list[str]]:
    path = folder / "said"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def test_the_next_supervisor_goes_on_with_what_runs(tmp_path: Path) -> None:
    with keeper(tmp_path, GO_ON) as process:
        until(lambda: len(said(tmp_path)) == 1)
        time.sleep(0.2)
        os.kill(int(said(tmp_path)[0][1]), signal.SIGKILL)
        until(lambda: len(said(tmp_path)) == 2)
        first, second = said(tmp_path)
        assert (first[2], second[0], second[3]) == (second[2], "2", "True")
        os.kill(int(second[2]), signal.SIGKILL)
        assert process.wait(10) == 0
        assert said(tmp_path)[-1] == ["ended", "-9"]


def test_one_that_stands_still_is_replaced(tmp_path: Path) -> None:
    with keeper(tmp_path, GO_ON, patience_s=1.5) as process:
        until(lambda: len(said(tmp_path)) == 1)
        time.sleep(0.2)
        os.kill(int(said(tmp_path)[0][1]), signal.SIGSTOP)
        until(lambda: len(said(tmp_path)) == 2)
        assert said(tmp_path)[0][2] == said(tmp_path)[1][2]
        process.kill()


def test_a_keeper_that_somebody_stopped_is_told_to_go_on(tmp_path: Path) -> None:
    body = """
    while not link.wake():
        say("it works")
        time.sleep(0.05)
    say("woken")
    return 0
"""
    with keeper(tmp_path, body) as process:
        until(lambda: len(said(tmp_path)) > 3)
        process.send_signal(signal.SIGSTOP)
        until(lambda: said(tmp_path)[-1] == ["woken"])
        assert process.wait(10) == 0


@pytest.mark.parametrize("kernel_helps", [True, False])
def test_nothing_outlives_the_keeper(tmp_path: Path, kernel_helps: bool) -> None:
    with keeper(tmp_path, GO_ON, kernel_helps=kernel_helps) as process:
        until(lambda: len(said(tmp_path)) == 1)
        pids = [int(pid) for pid in said(tmp_path)[0][1:3]]
        process.kill()
        until(lambda: all(_zombie(pid) for pid in pids))


def test_nothing_outlives_it_after_another_supervisor_took_over(tmp_path: Path) -> None:
    with keeper(tmp_path, GO_ON, kernel_helps=False) as process:
        until(lambda: len(said(tmp_path)) == 1)
        time.sleep(0.2)
        os.kill(int(said(tmp_path)[0][1]), signal.SIGKILL)
        until(lambda: len(said(tmp_path)) == 2)
        pids = [int(pid) for pid in said(tmp_path)[1][1:3]]
        process.kill()
        until(lambda: all(_zombie(pid) for pid in pids))


def _zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_it_ends_with_the_status_that_its_supervisor_gives(tmp_path: Path) -> None:
    for body, status in (("    return 0", 0), ("    return REFUSED", 1), ("    raise RuntimeError('no')", 1)):
        with keeper(tmp_path, body) as process:
            assert process.wait(10) == status


@pytest.mark.parametrize("kernel_helps", [True, False])
def test_a_stop_is_passed_on_and_leaves_nothing(tmp_path: Path, kernel_helps: bool) -> None:
    body = """
    import signal
    asked = []
    signal.signal(signal.SIGINT, lambda *_: asked.append(1))
    child = link.start("x", ["sleep", "60"], folder / "log", 0)
    say(child.pid)
    while not asked:
        time.sleep(0.02)
    return 0
"""
    with keeper(tmp_path, body, kernel_helps=kernel_helps) as process:
        until(lambda: len(said(tmp_path)) == 1)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        until(lambda: _zombie(int(said(tmp_path)[0][0])))


def test_what_cannot_be_started_is_an_oserror_with_its_reason(tmp_path: Path) -> None:
    body = """
    try:
        link.start("x", ["/no/such/program"], folder / "log", 0)
    except OSError as error:
        say(str(error))
    return 0
"""
    with keeper(tmp_path, body) as process:
        assert process.wait(10) == 0
    assert "/no/such/program" in " ".join(said(tmp_path)[0])
