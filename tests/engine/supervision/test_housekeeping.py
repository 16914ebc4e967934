"""What is looked after every other second."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.files.runtime_folder import MOST_LOG_BYTES, RuntimeFolder
from engine.osc.port import LOOPBACK, OscPort
from engine.supervision.housekeeping import EVERY_S, Housekeeping
from engine.supervision.orders import Orders
from engine.supervision.process import Process
from engine.supervision.process_table import ProcessTable, RunOptions, Sockets
from engine.supervision.room_failover import RoomFailover


def test_a_folder_that_was_removed_comes_back_and_logs_stay_short(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, osc = RuntimeFolder(tmp_path / "runtime"), OscPort(LOOPBACK, 0)
    folder.claim()
    table = ProcessTable(RunOptions(Path("pd"), 47_310), folder, Sockets(0, osc.port))
    room = Process("room", lambda: (), folder.log("room"))
    one = Housekeeping(folder, RoomFailover(table, Orders(osc, 47_310), room, None))
    assert one.step_if_due(100.0)
    assert caplog.messages == []
    assert one.disk["runtime_free"] > 0
    folder.log("room").write_bytes(bytes(MOST_LOG_BYTES + 1))
    assert not one.step_if_due(100.0 + EVERY_S / 2)
    assert one.step_if_due(100.0 + EVERY_S)
    assert folder.log("room").stat().st_size == 0
    shutil.rmtree(folder.path)
    assert one.step_if_due(100.0 + 2 * EVERY_S)
    assert folder.reels.is_dir()
    assert caplog.messages == [f"runtime folder {folder.path} was removed and is made anew"]
    folder.release()
    osc.close()
