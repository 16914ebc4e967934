"""Who stands still is seen to, who is only slow is not; on real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil
import pytest

from engine.supervision.stall_detector import LOOKS, STANDS_S, StallDetector
from tests.waiting import until_at_rest, until_stopped

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process waits for")

PLAYS = "import time\nwhile True: time.sleep(0.002)"
"""Wakes as often as a room does."""
COMPUTES = "while True: pass"
LOOK_S = 0.1


@contextmanager
def running(code: str, cores: set[int] | None = None) -> Iterator[int]:
    """Once it has begun: what still loads stands no more still than what plays."""
    begun = f"print(flush=True)\n{code}"
    with subprocess.Popen([sys.executable, "-c", begun], stdout=subprocess.PIPE) as process:
        try:
            if cores:
                psutil.Process(process.pid).cpu_affinity(list(cores))
            assert process.stdout is not None
            process.stdout.readline()
            if code not in (PLAYS, COMPUTES):
                until_at_rest(process.pid)
            yield process.pid
        finally:
            process.kill()


def looks(detector: StallDetector, pid: int, count: int) -> list[bool]:
    seen = []
    for _ in range(count):
        seen.append(detector.look(pid, time.monotonic()))
        time.sleep(LOOK_S)
    return seen


def test_one_that_is_stopped_is_seen_after_three_looks() -> None:
    detector = StallDetector()
    with running(PLAYS) as pid:
        assert not any(looks(detector, pid, 5))
        os.kill(pid, signal.SIGSTOP)
        until_stopped(pid)
        assert looks(detector, pid, LOOKS + 1) == [False] * (LOOKS - 1) + [True] * 2
        os.kill(pid, signal.SIGCONT)
        time.sleep(LOOK_S)
        assert not any(looks(detector, pid, 3))


def test_one_that_waits_for_what_does_not_come_is_seen_too() -> None:
    with running("import os; os.read(os.pipe()[0], 1)") as pid:
        assert looks(StallDetector(), pid, LOOKS)[-1]


def test_one_that_is_kept_from_a_processor_is_not_accused() -> None:
    """It shares one core with four others that want all of it, and goes last."""
    detector = StallDetector()
    with ExitStack() as others:
        for _ in range(4):
            others.enter_context(running(COMPUTES, {0}))
        pid = others.enter_context(running(PLAYS, {0}))
        psutil.Process(pid).nice(19)
        assert not any(looks(detector, pid, 15))


def test_looks_that_follow_each_other_closely_prove_nothing() -> None:
    detector = StallDetector()
    with running("import time; time.sleep(60)") as pid:
        now_s = 100.0
        assert not any(detector.look(pid, now_s + 0.001 * number) for number in range(20))
        assert detector.look(pid, now_s + STANDS_S + 0.01)


def test_a_machine_that_slept_is_looked_at_once_and_accuses_nobody() -> None:
    detector = StallDetector()
    with running("import time; time.sleep(60)") as pid:
        assert not detector.look(pid, 100.0)
        assert not detector.look(pid, 5000.0)


def test_another_process_and_none_begin_anew() -> None:
    detector = StallDetector()
    with running("import time; time.sleep(60)") as one, running("import time; time.sleep(60)") as other:
        assert looks(detector, one, LOOKS)[-1]
        assert not detector.look(other, time.monotonic())
        assert not detector.look(None, time.monotonic())
        assert not detector.look(1 << 22, time.monotonic())


def test_one_that_waits_for_a_disk_is_excused(monkeypatch: pytest.MonkeyPatch) -> None:
    with running("import os; os.read(os.pipe()[0], 1)") as pid:
        monkeypatch.setattr(psutil.Process, "status", lambda _: psutil.STATUS_DISK_SLEEP)
        assert not any(looks(StallDetector(), pid, LOOKS + 2))
