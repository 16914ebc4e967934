"""A forked child tells how it ended, as `subprocess.Popen` would."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from engine.supervision.forking.forked_child import ForkedChild


def forked(code: int = 0, length_s: float = 0.0) -> ForkedChild:
    """Its signals are those of a process that begins: what other tests have set would end this one's test run there."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    if pid == 0:
        time.sleep(length_s)
        os._exit(code)
    return ForkedChild(pid)


def test_its_status_is_told_and_stays() -> None:
    child = forked(code=7)
    assert child.wait(5) == 7
    assert (child.poll(), child.returncode) == (7, 7)


def test_a_signal_is_a_negative_status() -> None:
    child = forked(length_s=60)
    assert child.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.02)
    os.kill(child.pid, signal.SIGTERM)
    assert child.wait(5) == -signal.SIGTERM


def test_one_that_somebody_else_awaited_is_gone() -> None:
    child = forked()
    os.waitpid(child.pid, 0)
    assert child.poll() == -signal.SIGKILL
