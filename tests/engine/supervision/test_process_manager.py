"""Real processes that do nothing, in the places of the real ones: what is started, replaced, ended, and left alone."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.files.runtime_folder import RuntimeFolder
from engine.osc.messages import Order, Report
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.room.pd_process import SPARE_PORT
from engine.supervision.orders import Orders
from engine.supervision.process_manager import ProcessManager
from engine.supervision.process_table import ProcessTable, RunOptions, Sockets
from engine.supervision.room_failover import SPARE_AFTER_S
from engine.supervision.statistics import FIRST_SOUND_PATIENCE_S, Statistics
from tests.logged import Logged
from tests.ports import free_port
from tests.waiting import PATIENCE_S, until, until_stopped

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
SAYS = {
    "hub": (Report.HUB_ALIVE, ("night", 1, 1.0, 0.0)),
    "renderer": (Report.RENDERER_LEAD, (4.0,)),
    "room": (Report.ROOM_METER, (-20.0, -20.0)),
    "sampler": (Report.SAMPLER_ALIVE, (1.0,)),
}


class Playing:
    """Time goes by as it is told; every process that runs says that it lives, except those in `silent`."""

    def __init__(self, folder: Path) -> None:
        self.port, self.osc, self.now_s = free_port(), OscPort(LOOPBACK, 0), 100.0
        self.spare_room = OscPort(LOOPBACK, self.port + SPARE_PORT)
        options = RunOptions(Path("pd"), self.port, state=folder, ring_minutes=1.0)
        table = ProcessTable(options, RuntimeFolder(folder), Sockets(self.osc.socket.fileno(), self.osc.port))
        statistics = Statistics(self.now_s)
        self.manager = ProcessManager(table, Orders(self.osc, self.port), statistics, None, folder / "hold.wav")
        for process in self.manager.everybody().values():
            process.command = lambda: SLEEP
        self.silent: set[str] = set()

    def pass_time(self, length_s: float) -> None:
        for _ in range(round(length_s * 10)):
            self.now_s += 0.1
            for name, (path, arguments) in SAYS.items():
                if name not in self.silent and self.manager.processes[name].pid:
                    self.manager.hear(path, arguments, self.now_s)
            if self.manager.rooms.spare.pid:
                self.manager.hear(Report.ROOM_WAITING, (), self.now_s)
            self.manager.watch(self.now_s)

    @property
    def pids(self) -> dict[str, int | None]:
        return {name: process.pid for name, process in self.manager.everybody().items()}

    def kill(self, name: str) -> None:
        process = self.manager.everybody()[name]
        process.kill()
        assert process.wait(PATIENCE_S)

    def close(self) -> None:
        self.manager.end(2.0)
        for port in (self.osc, self.spare_room):
            port.close()


@pytest.fixture
def playing(tmp_path: Path) -> Iterator[Playing]:
    one = Playing(tmp_path)
    yield one
    one.close()


@pytest.fixture
def logged() -> Iterator[Callable[[], list[str]]]:
    one = Logged("engine.supervision")
    yield lambda: one.texts
    one.close()


def test_who_is_not_heard_waits_until_the_room_sounds(playing: Playing) -> None:
    playing.pass_time(0.1)
    assert {name for name, pid in playing.pids.items() if pid} == {"hub", "renderer", "room", "sampler"}
    playing.pass_time(FIRST_SOUND_PATIENCE_S)
    assert playing.pids["archivist"]
    assert playing.pids["spare"], "the room speaks"


def test_a_hub_that_ends_is_replaced_at_once_and_nobody_else_is_touched(
    playing: Playing, logged: Callable[[], list[str]]
) -> None:
    playing.pass_time(FIRST_SOUND_PATIENCE_S + 1.0)
    before = playing.pids
    playing.kill("hub")
    playing.pass_time(0.1)
    after = playing.pids
    assert after.pop("hub") not in (None, before.pop("hub"))
    assert after == before
    assert logged() == ["hub was ended by SIGKILL"]
    assert playing.manager.restarts()["hub"] == 1
    assert playing.manager.lamps()["room"] == 1.0


def test_a_hub_that_says_nothing_is_ended(playing: Playing, logged: Callable[[], list[str]]) -> None:
    playing.pass_time(1.0)
    before = playing.pids["hub"]
    playing.silent.add("hub")
    playing.pass_time(3.0)
    assert playing.pids["hub"] == before
    playing.pass_time(2.0)
    assert playing.pids["hub"] != before
    assert logged() == ["hub does not answer and is ended", "hub was ended by SIGKILL"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who is stopped")
def test_a_hub_that_was_stopped_gets_less_than_a_second(playing: Playing) -> None:
    playing.pass_time(1.0)
    before = playing.pids["hub"]
    assert before
    os.kill(before, signal.SIGSTOP)
    playing.silent.add("hub")
    until_stopped(before)
    playing.pass_time(1.0)
    assert playing.pids["hub"] != before


def test_the_spare_room_takes_the_place_of_one_that_ends(playing: Playing, logged: Callable[[], list[str]]) -> None:
    playing.pass_time(SPARE_AFTER_S + 2.0)
    spare = playing.pids["spare"]
    playing.kill("room")
    playing.pass_time(0.1)
    assert playing.pids["room"] == spare
    assert playing.pids["spare"] is None
    assert logged() == ["room was ended by SIGKILL; the spare room takes its place"]
    heard: list[Message] = []
    until(lambda: heard.extend(m for m in playing.spare_room.received() if isinstance(m, Message)) or heard)
    (told,) = heard
    assert told.path == Order.ROOM_START
    assert (told.arguments[0], told.arguments[3]) == (playing.port, playing.osc.port)


def test_a_room_that_dies_while_a_hub_is_started_does_not_wait_for_the_next_look(
    playing: Playing, logged: Callable[[], list[str]]
) -> None:
    playing.pass_time(SPARE_AFTER_S + 2.0)
    spare = playing.pids["spare"]
    playing.manager.processes["hub"].command = lambda: (playing.kill("room"), SLEEP)[1]
    playing.kill("hub")
    playing.pass_time(0.1)
    assert playing.pids["hub"]
    assert playing.pids["room"] == spare
    assert logged() == [
        "hub was ended by SIGKILL",
        "room was ended by SIGKILL; the spare room takes its place",
    ]


@pytest.mark.parametrize("excused", [True, False])
def test_while_nobody_watched_silence_proves_nothing(playing: Playing, excused: bool) -> None:
    playing.pass_time(1.0)
    before = {name: playing.pids[name] for name in ("hub", "renderer", "room")}
    playing.now_s += 60.0
    if excused:
        playing.manager.excuse(60.0)
    playing.silent |= set(SAYS)
    playing.pass_time(0.5)
    assert [playing.pids[name] == pid for name, pid in before.items()] == [excused] * len(before)
