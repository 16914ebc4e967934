"""The hub process: `python -m engine.hub --runtime DIR --port N --socket FD --supervisor-port N --mood NAME`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
from pathlib import Path

from engine.hub.access import PRIVATE, networks
from engine.hub.hub_process import HubOptions, HubProcess
from engine.journal.place import DEFAULT_MB, JournalPlace
from engine.osc.messages import Report
from engine.osc.reporter import Reporter


class SupervisorHandler(logging.Handler):
    """Warnings go to the supervisor, which tells everybody. A record's `where` is the address that is concerned."""

    def __init__(self, report: Reporter) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        self._report(Report.ERROR, str(getattr(record, "where", "/hub")), record.getMessage())


def main() -> None:
    options = _options()
    stopping: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    process = HubProcess(options)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("engine").addHandler(SupervisorHandler(process.report))
    process.run(stopping)
    logging.shutdown()
    os._exit(0)  # all is written and closed


def _options() -> HubOptions:
    parser = argparse.ArgumentParser(description="Speak with everybody outside: OSC, MIDI, sensors, the day.")
    parser.add_argument("--runtime", type=Path, required=True, help="runtime folder of the installation")
    parser.add_argument("--port", type=int, required=True, help="its UDP port, which the socket has")
    parser.add_argument("--socket", type=int, required=True, help="file descriptor of its UDP socket")
    parser.add_argument("--supervisor-port", type=int, required=True, help="the supervisor's UDP port")
    parser.add_argument("--mood", required=True, help="mood to begin with, where no hub was before")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--allow", action="append", help="an address or network that may send; repeat")
    parser.add_argument("--day", type=Path, help="hours and moods to follow")
    parser.add_argument("--sensors", type=Path, help="sensors and what they do")
    parser.add_argument("--state", type=Path, help="folder for what outlives the run")
    parser.add_argument("--journal", type=Path, help="folder of the journal; without it none is written")
    parser.add_argument("--journal-mb", type=float, default=DEFAULT_MB, help="the most that the journal may take")
    parser.add_argument("--keeps", action="store_true", help="an archivist takes requests to keep what was heard")
    given = parser.parse_args()
    return HubOptions(
        runtime=given.runtime,
        socket=socket.socket(fileno=given.socket),
        supervisor_port=given.supervisor_port,
        mood=given.mood,
        seed=given.seed,
        allowed=networks(given.allow) if given.allow else PRIVATE,
        day=given.day,
        sensors=given.sensors,
        state=given.state,
        journal=JournalPlace(given.journal, round(1e6 * given.journal_mb)) if given.journal else None,
        keeps=given.keeps,
    )


if __name__ == "__main__":
    main()
