"""What a supervisor leaves is ended, and only that."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from engine.supervision.orphan_reaper import OrphanReaper


@contextmanager
def sleeper(reaper: OrphanReaper) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True, preexec_fn=reaper.begin)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_who_still_runs_is_ended_when_the_pipe_closes() -> None:
    reaper = OrphanReaper()
    with sleeper(reaper) as one, sleeper(reaper) as other:
        assert one.poll() is other.poll() is None
        reaper.close()
        assert (one.wait(5), other.wait(5)) == (-9, -9)


def test_one_that_has_ended_is_no_concern_and_its_number_may_be_somebody_elses() -> None:
    reaper = OrphanReaper()
    with sleeper(reaper) as ended, sleeper(reaper) as left:
        ended.kill()
        ended.wait(5)
        reaper.close()
        assert left.wait(5) == -9


def test_a_child_starts_though_nobody_watches_any_more() -> None:
    reaper = OrphanReaper()
    os.kill(reaper._pid, 9)
    os.waitid(os.P_PID, reaper._pid, os.WEXITED | os.WNOWAIT)
    with sleeper(reaper) as process:
        assert process.poll() is None
    reaper.close()
