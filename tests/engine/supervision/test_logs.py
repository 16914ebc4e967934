"""What a module logs is seen at the terminal, by machines, and, where it is a warning, by the hub."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

from rich.console import Console

from engine.osc.messages import Report
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.supervision.console import ConsoleHandler, Display
from engine.supervision.logs import log_also_to, logging_to_terminal, trouble
from engine.supervision.orders import Orders
from tests.waiting import until

log = logging.getLogger("engine.supervision.somewhere")


def test_one_word_to_everybody_who_is_concerned(tmp_path: Path) -> None:
    hub, own, out = OscPort(LOOPBACK, 0), OscPort(LOOPBACK, 0), io.StringIO()
    with logging_to_terminal(ConsoleHandler(Display(Console(file=out, width=200)))):
        log_also_to(tmp_path, Orders(own, hub.port))
        log.info("phrase satie #1", extra={"event": "phrase"})
        trouble(log, "room", "was ended by SIGKILL")
        log.warning("a reel came late", extra={"event": "late"})
    log.warning("when all is over")
    assert [line.split(" ", 1)[1] for line in out.getvalue().splitlines()] == [
        "phrase satie #1",
        "room was ended by SIGKILL",
        "a reel came late",
    ]
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [(one["event"], one["level"]) for one in events] == [
        ("phrase", "info"),
        ("trouble", "warning"),
        ("late", "warning"),
    ]
    assert events[1]["part"] == "room"
    heard: list[tuple[object, ...]] = []

    def have_come() -> bool:
        items = (item for item in hub.received() if isinstance(item, Message))
        heard.extend(item.arguments for item in items if item.path == Report.TROUBLE)
        return len(heard) >= 2

    until(have_come)
    assert heard == [("/lamp/room", "was ended by SIGKILL"), ("", "a reel came late")]
    hub.close()
    own.close()
