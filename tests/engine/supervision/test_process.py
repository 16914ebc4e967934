"""Real processes: restarted with growing pauses, and gone for certain."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.files.paths import ROOT
from engine.osc.port import LOOPBACK, open_socket
from engine.supervision.process import LONGEST_PAUSE_S, OOM_SCORE, STEADY_S, Process, pause_s, start_directly
from tests.waiting import PATIENCE_S, until

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_pauses_grow_and_never_become_giving_up() -> None:
    pauses = [pause_s(n) for n in range(1, 200)]
    assert pauses[0] == 0.0
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_S


def test_a_killed_process_is_started_again_at_once_and_then_after_a_pause(tmp_path: Path) -> None:
    process = Process("x", lambda: SLEEP, tmp_path / "x.log")
    assert process.start_if_due(0.0)
    assert not process.start_if_due(0.0)
    for now_s, due_at_once in ((1.0, True), (2.0, False)):
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        why: list[str | None] = []
        until(lambda: why.append(process.ended(now_s)) or why[-1])  # noqa: B023
        assert why[-1] == "was ended by SIGKILL"
        assert process.start_if_due(now_s) is due_at_once
    assert process.start_if_due(2.6)
    process.kill()
    assert process.wait(PATIENCE_S)


GROWS = """
import ctypes, psutil

class Heap(ctypes.Structure):
    _fields_ = [(str(number), ctypes.c_size_t) for number in range(10)]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Heap
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
between = []
for number in range(40):  # as textures come and go, while what is small and stays is made between them
    large = libc.malloc((8 << 20) - 65_536 * number)
    ctypes.memset(large, 1, 4 << 20)
    between.append(libc.malloc(1000))
    libc.free(large)
print(getattr(libc.mallinfo2(), "8"))
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="only of glibc this is known")
def test_a_process_gives_back_what_it_no_longer_uses(tmp_path: Path) -> None:
    log = tmp_path / "log"
    start_directly((sys.executable, "-c", GROWS), log, 0).wait(PATIENCE_S)
    assert int(log.read_text("utf-8")) < 2_000_000
    kept = subprocess.run([sys.executable, "-c", GROWS], capture_output=True, text=True, check=True).stdout
    assert int(kept) > 4_000_000  # else this test shows nothing


def test_after_running_steadily_a_failure_counts_as_the_first(tmp_path: Path) -> None:
    process = Process("x", lambda: (sys.executable, "-c", ""), tmp_path / "x.log")
    for i in range(4):
        assert process.start_if_due(i * 100.0)
        assert process.wait(PATIENCE_S)
        process.ended(i * 100.0 + (STEADY_S + 1 if i == 3 else 1))
    assert process.failures == 1


def test_a_command_that_does_not_exist_is_tried_again(tmp_path: Path) -> None:
    process = Process("x", lambda: ("/no/such/program",), tmp_path / "x.log")
    assert not process.start_if_due(0.0)
    assert "could not be started" in (tmp_path / "x.log").read_text()
    process.start_if_due(0.1)
    assert process.starts == 2


def test_silence_beyond_patience_is_hanging(tmp_path: Path) -> None:
    process = Process("x", lambda: SLEEP, tmp_path / "x.log", patience_s=5.0, first_patience_s=20.0)
    process.start_if_due(0.0)
    assert (process.lamp, process.hangs(19.0), process.hangs(21.0)) == (0.5, False, True)
    process.heard(10.0)
    assert (process.lamp, process.hangs(14.0), process.hangs(16.0)) == (1.0, False, True)
    process.kill()
    assert process.wait(PATIENCE_S)


def test_one_that_was_stopped_gets_little_patience(tmp_path: Path) -> None:
    process = Process("x", lambda: SLEEP, tmp_path / "x.log", patience_s=60.0, patience_when_stopped_s=1.0)
    process.start_if_due(0.0)
    assert process.pid
    process.heard(10.0)
    assert not process.hangs(12.0)
    os.kill(process.pid, signal.SIGSTOP)
    until(lambda: process.hangs(12.0))
    assert not process.hangs(10.5)
    process.kill()
    assert process.wait(PATIENCE_S)


def test_a_slow_starter_gets_more_time_at_each_try(tmp_path: Path) -> None:
    process = Process("x", lambda: SLEEP, tmp_path / "x.log", patience_s=5.0, first_patience_s=20.0)
    now_s, patiences = 0.0, []
    for _ in range(5):
        while not process.start_if_due(now_s):
            now_s += 1.0
        begun_s = now_s
        while not process.hangs(now_s):
            now_s += 1.0
        patiences.append(now_s - begun_s)
        process.kill()
        assert process.wait(PATIENCE_S)
        assert process.ended(now_s)
    assert patiences == [21.0, 21.0, 41.0, 81.0, 161.0]


def test_last_words_are_those_since_its_last_start(tmp_path: Path) -> None:
    said = iter(["one", "two\n\nthree\nfour\nfive"])
    process = Process("x", lambda: ("printf", next(said)), tmp_path / "x.log")
    for now_s in (0.0, 1.0):
        assert process.start_if_due(now_s)
        assert process.wait(PATIENCE_S)
        assert process.ended(now_s)
    assert process.last_words() == ["three", "four", "five"]


def test_what_a_process_started_goes_with_it(tmp_path: Path) -> None:
    child = "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    log = tmp_path / "x.log"
    process = Process("x", lambda: (sys.executable, "-c", child), log)
    process.start_if_due(0.0)
    until(lambda: log.exists() and log.read_text().strip().isdigit())
    process.kill()
    assert process.wait(PATIENCE_S)
    until(lambda: gone(int(log.read_text())))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word that children die with their parent is Linux's")
def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    parent = (
        "import pathlib, sys, time; from engine.supervision.process import Process\n"
        f"p = Process('x', lambda: ('sleep', '60'), pathlib.Path({str(tmp_path / 'x.log')!r}))\n"
        "p.start_if_due(0.0); print(p.pid, flush=True); time.sleep(60)"
    )
    root = ROOT
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, cwd=root) as supervisor:
        assert supervisor.stdout
        pid = int(supervisor.stdout.readline())
        assert not gone(pid)
        supervisor.kill()
    until(lambda: gone(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such score")
def test_where_memory_runs_out_a_process_goes_before_the_supervisor(tmp_path: Path) -> None:
    process = Process("x", lambda: SLEEP, tmp_path / "x.log")
    assert process.start_if_due(0.0)
    own, its = (Path(f"/proc/{pid}/oom_score_adj").read_text() for pid in ("self", process.pid))
    assert int(its) == min(1000, int(own) + OOM_SCORE)
    process.kill()
    assert process.wait(PATIENCE_S)


def test_a_process_inherits_the_sockets_that_are_handed_to_it_and_no_others(tmp_path: Path) -> None:
    handed, own = (open_socket(LOOPBACK, 0) for _ in range(2))
    says = f"import os; [print(fd, os.path.exists(f'/dev/fd/{{fd}}')) for fd in ({handed.fileno()}, {own.fileno()})]"
    process = Process("x", lambda: (sys.executable, "-c", says), tmp_path / "x.log", inherits=(handed.fileno(),))
    assert process.start_if_due(0.0)
    assert process.wait(PATIENCE_S)
    assert process.last_words() == [f"{handed.fileno()} True", f"{own.fileno()} False"]
    handed.close()
    own.close()
