"""What is said when a report comes, and that it is said once."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from engine.files.runtime_folder import RuntimeFolder
from engine.osc.dispatcher import Dispatcher
from engine.osc.messages import Report
from engine.osc.port import LOOPBACK, OscPort
from engine.supervision.orders import Orders
from engine.supervision.process_manager import ProcessManager
from engine.supervision.process_table import ProcessTable, RunOptions, Sockets
from engine.supervision.report_handlers import ReportHandlers
from engine.supervision.statistics import Statistics
from tests.ports import free_port


class Listening:
    """The supervisor's ears without its processes: nothing is started."""

    def __init__(self, folder: Path) -> None:
        port, self.osc = free_port(), OscPort(LOOPBACK, 0)
        table = ProcessTable(RunOptions(Path("pd"), port), RuntimeFolder(folder), Sockets(0, self.osc.port))
        self.statistics, self.reports, self.ending = Statistics(0.0), Dispatcher(), False
        self.manager = ProcessManager(table, Orders(self.osc, port), self.statistics, None, folder / "hold.wav")
        self.reports.subscribe(self.statistics.take)
        self.reports.subscribe(self.manager.hear)
        ReportHandlers(self.reports, self.manager, self.statistics, lambda: self.ending)

    def hear(self, path: str, *arguments: object) -> None:
        self.reports.dispatch(path, arguments, 5.0)


@pytest.fixture
def listening(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Listening:
    caplog.set_level(logging.INFO, "engine")
    return Listening(tmp_path)


def test_the_first_sound_is_said_once(listening: Listening, caplog: pytest.LogCaptureFixture) -> None:
    for level_db in (-100.0, -30.0, -20.0):
        listening.hear(Report.ROOM_METER, level_db, level_db)
    assert caplog.messages == ["the room sounds, 5.0 s after the start"]


def test_the_hold_loop_is_said_when_it_begins_and_ends(listening: Listening, caplog: pytest.LogCaptureFixture) -> None:
    for on in (0.0, 1.0, 1.0, 0.0):
        listening.hear(Report.ROOM_HOLD, on)
    assert caplog.messages == ["the hold loop plays", "reels play again"]
    listening.ending = True
    listening.hear(Report.ROOM_HOLD, 1.0)
    assert len(caplog.messages) == 2, "at the end it is no news"


def test_an_error_of_a_process_names_its_address_for_everybody(
    listening: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    listening.hear(Report.ERROR, "/journal", "the disk is full")
    listening.hear(Report.REEL_BAD, "a-001.wav")
    listening.hear(Report.ROOM_HELLO, 44_100.0)
    error, bad, rate = caplog.records
    assert error.getMessage() == "error: /journal the disk is full"
    assert (error.__dict__["where"], error.__dict__["what"]) == ("/journal", "the disk is full")
    assert bad.getMessage() == "reel/bad: a-001.wav"
    assert "44100 Hz" in rate.getMessage()
    assert {one.levelname for one in caplog.records} == {"WARNING"}


def test_a_report_is_a_sign_of_life_of_who_says_it(listening: Listening) -> None:
    said = {"hub": (Report.HUB_ALIVE, ("night", 1, 1.0, 0.0)), "renderer": (Report.RENDERER_LEAD, (4.0,))}
    for name, (path, arguments) in said.items():
        assert listening.manager.processes[name].heard_s is None
        listening.hear(path, *arguments)
        assert listening.manager.processes[name].heard_s == 5.0
    listening.hear(Report.ROOM_WAITING)
    assert listening.manager.rooms.spare.heard_s == 5.0
    assert listening.manager.processes["room"].heard_s is None
    assert listening.statistics.mood == "night"
