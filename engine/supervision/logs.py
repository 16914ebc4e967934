"""Where the engine's log messages go: the terminal, a file of JSON lines, journald, and the hub.

Modules use `logging.getLogger(__name__)`. `extra` may hold `event` (for machines: `restart`, `hold`), `part` (a
process), `where` (an address, under which surfaces show a warning), `what` (the words they show, else the text) and
whatever else is known; the file has all of it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from engine.osc.messages import Report
from engine.supervision.console import ConsoleHandler
from engine.supervision.monitoring.event_log import JsonLinesHandler, journald_handlers
from engine.supervision.orders import Orders

ENGINE: Final = logging.getLogger("engine")
LONGEST_TEXT: Final = 400


class HubHandler(logging.Handler):
    """Warnings go to the hub, for its journal and, where they name an address, for everybody who looks."""

    def __init__(self, orders: Orders) -> None:
        super().__init__(logging.WARNING)
        self._orders = orders

    def emit(self, record: logging.LogRecord) -> None:
        where = str(getattr(record, "where", ""))
        what = str(getattr(record, "what", "")) or record.getMessage()
        self._orders.to_hub(Report.TROUBLE, where, what[:LONGEST_TEXT])


@contextmanager
def logging_to_terminal(console: ConsoleHandler) -> Iterator[None]:
    """People at the terminal see what is logged; afterwards all is as it was."""
    level, propagates, handlers = ENGINE.level, ENGINE.propagate, list(ENGINE.handlers)
    ENGINE.setLevel(logging.INFO)
    ENGINE.propagate = False
    ENGINE.addHandler(console)
    try:
        yield
    finally:
        ENGINE.setLevel(level)
        ENGINE.propagate, ENGINE.handlers = propagates, handlers


def log_also_to(folder: Path, orders: Orders) -> None:
    """From now on: a file in `folder`, journald where systemd started us, and the hub."""
    for handler in (JsonLinesHandler(folder), *journald_handlers(), HubHandler(orders)):
        ENGINE.addHandler(handler)


def trouble(log: logging.Logger, part: str, what: str) -> None:
    """Something is wrong with a part: people read "PART WHAT", and surfaces see it at its lamp."""
    extra = {"event": "trouble", "part": part, "where": f"/lamp/{part}", "what": what}
    log.warning("%s %s", part, what, extra=extra)
