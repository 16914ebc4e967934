"""When the spare room is told to take over from one that stands still, and when nobody is to blame."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.files.runtime_folder import RuntimeFolder
from engine.osc.port import LOOPBACK, OscPort
from engine.supervision.orders import Orders
from engine.supervision.process import Process
from engine.supervision.process_table import ProcessTable, RunOptions, Sockets
from engine.supervision.room_failover import BUSY_AT_FIRST_S, QUIET_S, SPARE_SPEAKS_S, STILL_S, RoomFailover
from engine.supervision.stall_detector import LOOKS
from tests.ports import free_port
from tests.waiting import PATIENCE_S, until_stopped

PLAYING_S = 100.0
SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[RoomFailover]:
    """A room that has played for long, and a spare one: real processes that do nothing."""
    port, osc = free_port(), OscPort(LOOPBACK, 0)
    table = ProcessTable(RunOptions(Path("pd"), port), RuntimeFolder(tmp_path / "runtime"), Sockets(0, osc.port))
    room = Process("room", lambda: SLEEP, tmp_path / "room.log", patience_s=4.0)
    one = RoomFailover(table, Orders(osc, port), room, None)
    one.spare.command, one.spare.log = lambda: SLEEP, tmp_path / "spare.log"
    for process in (room, one.spare):
        assert process.start_if_due(PLAYING_S - 2 * BUSY_AT_FIRST_S)
        process.heard(PLAYING_S)
    yield one
    for process in (room, one.spare):
        process.kill()
        process.wait(PATIENCE_S)
    osc.close()


def test_a_room_that_says_nothing_for_half_a_second_stands_still(rooms: RoomFailover) -> None:
    assert not rooms.stands_still(PLAYING_S + STILL_S - 0.01, late_s=0.0)
    assert rooms.stands_still(PLAYING_S + STILL_S + 0.01, late_s=0.0)


def test_where_the_watcher_itself_was_late_the_room_may_be_later(rooms: RoomFailover) -> None:
    assert not rooms.stands_still(PLAYING_S + 1.0, late_s=0.3)
    assert rooms.stands_still(PLAYING_S + 1.5, late_s=0.3)


def test_where_the_spare_one_says_nothing_either_no_room_is_to_blame(rooms: RoomFailover) -> None:
    rooms.room.heard(PLAYING_S + SPARE_SPEAKS_S)
    assert not rooms.stands_still(PLAYING_S + SPARE_SPEAKS_S + 1.0, late_s=0.0)
    rooms.spare.heard(PLAYING_S + SPARE_SPEAKS_S + 1.0)
    assert rooms.stands_still(PLAYING_S + SPARE_SPEAKS_S + 1.0, late_s=0.0)
    rooms.spare.kill()
    rooms.spare.wait(PATIENCE_S)
    rooms.spare.ended(PLAYING_S)
    assert not rooms.stands_still(PLAYING_S + SPARE_SPEAKS_S + 1.0, late_s=0.0)


def test_a_new_room_may_be_busy(rooms: RoomFailover) -> None:
    rooms.room.started_s = PLAYING_S
    rooms.spare.heard(PLAYING_S + BUSY_AT_FIRST_S)
    assert not rooms.stands_still(PLAYING_S + BUSY_AT_FIRST_S - 0.1, late_s=0.0)
    assert rooms.stands_still(PLAYING_S + BUSY_AT_FIRST_S + 0.1, late_s=0.0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process waits for")
def test_one_that_the_kernel_sees_standing_still_is_given_no_time_however_late_the_watcher_is(
    rooms: RoomFailover,
) -> None:
    assert rooms.room.pid
    os.kill(rooms.room.pid, signal.SIGSTOP)
    until_stopped(rooms.room.pid)
    quiet_s = PLAYING_S + QUIET_S + 0.01
    seen = [rooms.stands_still(quiet_s + 0.1 * look, late_s=1.0) for look in range(LOOKS)]
    assert seen == [False] * (LOOKS - 1) + [True]
    rooms.room.heard(quiet_s + 0.1 * LOOKS)
    assert not rooms.stands_still(quiet_s + 0.1 * LOOKS, late_s=1.0), "it has just spoken"
