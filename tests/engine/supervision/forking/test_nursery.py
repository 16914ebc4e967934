"""Processes are forked from the nursery as they would be started, and start without it where it is gone."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import psutil
import pytest

from engine.files.paths import ROOT
from engine.supervision.forking import nursery, nursery_process
from engine.supervision.forking.forked_child import ForkedChild
from engine.supervision.forking.nursery import Nursery
from engine.supervision.process import OOM_SCORE, Child, NotReadyError, Process
from engine.supervision.summary import proportional_bytes

pytestmark = pytest.mark.skipif(not Nursery.possible(), reason="this system does not hand over forked children")

CHILD = """
import logging, os, signal, socket, sys, time
sys.stderr.write("an error\\n")
print(sys.argv[1:], os.getcwd(), os.getsid(0) == os.getpid(), os.nice(0))
print(open("/proc/self/oom_score_adj").read().strip(), len(os.listdir("/proc/self/task")))
files = [int(number) for number in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{number}")]
print(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, sorted(files))
print(os.environ["OPENBLAS_NUM_THREADS"], "numpy" in sys.modules, __name__, logging.getLogger("engine").handlers)
if "--socket" in sys.argv:
    socket.socket(fileno=int(sys.argv[-1])).send(b"heard")
if "--wait" in sys.argv:
    sys.stdout.flush()
    time.sleep(60)
sys.exit("why" if "--why" in sys.argv else 3)
"""


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a module that says what it is given."""
    (tmp_path / "nursed.py").write_text(CHILD, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "nursed"


@pytest.fixture
def nursing(child: str, tmp_path: Path) -> Iterator[Nursery]:
    made = Nursery(tmp_path / "nursery.log")
    yield made
    made.close()


def started(by: Nursery, command: Sequence[str], log: Path, niceness: int = 0, inherits: Sequence[int] = ()) -> Child:
    """As soon as the nursery has loaded."""
    found: list[Child] = []

    def is_started() -> bool:
        try:
            found.append(by.start(command, log, niceness, inherits))
        except NotReadyError:
            return False
        return True

    _until(is_started)
    return found[0]


def test_a_forked_process_is_as_a_started_one(nursing: Nursery, child: str, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "child.log"
    ours, theirs = socket.socketpair()
    number = theirs.fileno()
    forked = started(nursing, [sys.executable, "-m", child, "--socket", str(number)], log, 7, [number])
    assert isinstance(forked, ForkedChild)
    assert forked.wait(20) == 3
    theirs.close()
    assert select.select([ours], [], [], 0)[0]
    assert ours.recv(10) == b"heard"
    ours.close()
    oom = int(Path("/proc/self/oom_score_adj").read_text("ascii")) + OOM_SCORE
    error, first, score, second, third = log.read_text("utf-8").splitlines()
    assert error == "an error"
    assert first == f"['--socket', '{number}'] {ROOT} True {os.nice(0) + 7}"
    assert score == f"{min(1000, oom)} 1"
    assert second == f"True {sorted({0, 1, 2, number})}"
    assert third == "1 True __main__ []"


def test_a_started_process_is_as_a_forked_one(child: str, nursing: Nursery, tmp_path: Path) -> None:
    """The control: both write the same, but for what only the forked one has loaded."""
    command = [sys.executable, "-m", child, "--why"]
    logs = [tmp_path / "forked.log", tmp_path / "started.log"]
    forked = started(nursing, command, logs[0])
    nursing.close()
    direct = started(nursing, command, logs[1])
    assert forked.wait(20) == direct.wait(20) == 1
    said = [log.read_text("utf-8").replace("1 True", "1 False") for log in logs]
    assert sorted(said[0].splitlines()) == sorted(said[1].splitlines())
    assert "why" in said[0].splitlines()


def test_a_nursery_that_still_loads_is_no_failure(tmp_path: Path) -> None:
    def loads(*_what: object) -> Child:
        raise NotReadyError

    process = Process("child", lambda: [sys.executable, "-m", "child"], tmp_path / "log", starter=loads)
    assert not process.start_if_due(1.0)
    assert (process.starts, process.failures) == (0, 0)


def test_it_can_be_signalled_and_restarted(nursing: Nursery, child: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", child, "--wait"]
    process = Process("child", lambda: command, tmp_path / "log", starter=nursing.start)
    for count in (1, 2):
        _until(partial(process.start_if_due, 1000.0 * process.starts))
        assert process.starts == count
        there = psutil.Process(process.pid)
        assert there.ppid() == os.getpid()
        process.kill()
        assert process.wait(5)
        assert process.ended(2.0) == "was ended by SIGKILL"


def test_processes_share_what_the_nursery_has_loaded(nursing: Nursery, child: str, tmp_path: Path) -> None:
    forked = [started(nursing, [sys.executable, "-m", child, "--wait"], tmp_path / str(n)) for n in range(3)]
    _until(lambda: all("__main__" in (tmp_path / str(n)).read_text("utf-8") for n in range(3)))
    shared = [proportional_bytes(one.pid) for one in forked]
    alone = [psutil.Process(one.pid).memory_info().rss for one in forked]
    for one in forked:
        os.kill(one.pid, signal.SIGKILL)
        one.wait(5)
    assert sum(shared) < 0.6 * sum(alone)


@pytest.mark.parametrize("loads", [True, False], ids=["while it loads", "when it has loaded"])
@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP])
def test_without_a_nursery_processes_start_directly(
    nursing: Nursery, child: str, tmp_path: Path, fate: signal.Signals, loads: bool
) -> None:
    command = [sys.executable, "-m", child, "--wait"]
    living = None if loads else started(nursing, command, tmp_path / "before")
    assert nursing.pid is not None
    os.kill(nursing.pid, fate)
    _until(lambda: psutil.Process(nursing.pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE))
    direct = nursing.start(command[:3], tmp_path / "log", 0)
    assert isinstance(direct, subprocess.Popen)
    assert direct.wait(20) == 3
    assert nursing.pid is None
    if living:
        assert living.poll() is None, "those that it forked live on"
        os.kill(living.pid, signal.SIGKILL)
        living.wait(5)


def test_one_that_ends_is_noticed_at_once(nursing: Nursery) -> None:
    assert nursing.pid is not None
    nursing.watch()
    assert nursing.pid is not None
    os.kill(nursing.pid, signal.SIGKILL)

    def is_noticed() -> bool:
        nursing.watch()
        return nursing.pid is None

    _until(is_noticed)


def _loads_for_ever(*_: object) -> None:
    time.sleep(60)
    os._exit(0)


def test_one_that_does_not_get_ready_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nursery, "LOADED_S", 0.0)
    monkeypatch.setattr(nursery, "live", _loads_for_ever)
    slow = Nursery(tmp_path / "log")
    try:
        direct = slow.start([sys.executable, "-m", "this"], Path(os.devnull), 0)
        assert isinstance(direct, subprocess.Popen)
        assert direct.wait(20) == 0
    finally:
        slow.close()


def test_whom_the_supervisor_gave_up_does_not_run(
    nursing: Nursery, child: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A nursery too slow to answer in time may fork yet: then two would run."""
    monkeypatch.setattr(nursery, "ANSWER_S", 1e-6)
    direct = started(nursing, [sys.executable, "-m", child], tmp_path / "log")
    assert isinstance(direct, subprocess.Popen)
    assert direct.wait(20) == 3
    time.sleep(0.3)
    assert (tmp_path / "log").read_text("utf-8").count("an error") == 1


def test_nobody_is_forked_from_one_with_threads(child: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()"
    )
    monkeypatch.setattr(nursery_process, "SHARED", ("threaded",))
    made = Nursery(tmp_path / "nursery.log")
    direct = started(made, [sys.executable, "-m", child], tmp_path / "log")
    assert isinstance(direct, subprocess.Popen)
    assert direct.wait(20) == 3


def test_other_programs_are_started_directly(nursing: Nursery, tmp_path: Path) -> None:
    direct = nursing.start(["echo", "here"], tmp_path / "log", 0)
    assert isinstance(direct, subprocess.Popen)
    assert direct.wait(20) == 0


def test_they_have_names_and_all_end_with_who_asked_for_them(child: str, tmp_path: Path) -> None:
    """A supervisor that is killed leaves neither a nursery nor what was forked from it.

    One of its own, for there is room for names only where nothing has moved the environment.
    """
    program = f"""
import sys, time
from pathlib import Path
from tests.engine.supervision.forking.test_nursery import Nursery, started
one = Nursery(Path({str(tmp_path / "nursery.log")!r}))
forked = started(one, [sys.executable, "-m", "{child}", "--wait"], Path({str(tmp_path / "log")!r}))
print(one.pid, forked.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT) as supervisor:
        assert supervisor.stdout is not None
        both = [int(word) for word in supervisor.stdout.readline().split()]
        assert len(both) == 2
        assert all(psutil.pid_exists(pid) for pid in both)
        nursery_there, there = map(psutil.Process, both)
        assert nursery_there.cmdline()[0].startswith("python -m nursery")
        _until(lambda: there.cmdline()[0].startswith(f"python -m {child} --wait"))
        supervisor.kill()
    _until(lambda: not any(psutil.pid_exists(pid) for pid in both))


def _until(condition: Callable[[], object], limit_s: float = 20.0) -> None:
    end_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.02)
