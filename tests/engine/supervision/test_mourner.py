"""What a keeper leaves is ended, and only that."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from engine.supervision.mourner import Mourner


@contextmanager
def sleeper(mourner: Mourner) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True, preexec_fn=mourner.begin)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_who_still_runs_is_ended_when_the_pipe_closes() -> None:
    mourner = Mourner()
    with sleeper(mourner) as one, sleeper(mourner) as other:
        assert one.poll() is other.poll() is None
        mourner.close()
        assert (one.wait(5), other.wait(5)) == (-9, -9)


def test_a_number_that_was_given_back_is_left_alone() -> None:
    mourner = Mourner()
    with sleeper(mourner) as process:
        mourner.ended(process.pid)
        mourner.close()
        assert process.poll() is None


def test_a_child_starts_though_nobody_watches_any_more() -> None:
    mourner = Mourner()
    os.kill(mourner._pid, 9)
    os.waitid(os.P_PID, mourner._pid, os.WEXITED | os.WNOWAIT)
    with sleeper(mourner) as process:
        assert process.poll() is None
    mourner.close()
