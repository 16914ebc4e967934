"""Waits for the first who connects, before the libraries are loaded that answer: they take 20 MB.

Where other machines may not look, most often nobody ever does.
"""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Final

from engine.hub.access import PRIVATE
from engine.hub.oscquery.own_addresses import NOBODY
from engine.osc.messages import Report
from engine.osc.port import LOOPBACK, OscPort
from engine.osc.reporter import Reporter

ALIVE_EVERY_S: Final = 1.0
PAGE_EVERY_S: Final = 5.0
"""A hub that has started anew is told again, and this machine may get another address."""
TRY_AGAIN_S: Final = 5.0
"""A port that is taken may become free."""
BACKLOG: Final = 64


@dataclass(frozen=True, slots=True)
class WebOptions:
    """What the supervisor starts it with."""

    port: int
    supervisor_port: int = 0
    listen: bool = False
    """Whether other machines may look."""
    announce: bool = False
    allowed: tuple[IPv4Network, ...] = PRIVATE
    state: Path | None = None


def open_port(options: WebOptions) -> socket.socket:
    """The listening socket. Raises OSError where its port is taken."""
    host = "0.0.0.0" if options.listen else LOOPBACK  # noqa: S104
    return socket.create_server((host, options.port), backlog=BACKLOG)


def await_first(options: WebOptions) -> socket.socket | None:
    """The listening socket as soon as somebody connects; None where its port is taken, or others may look at once."""
    if options.listen:
        return None
    try:
        opened = open_port(options)
    except OSError:
        return None
    osc = OscPort(LOOPBACK, 0)
    try:
        _await_connection(opened, Reporter(osc, options.port, options.supervisor_port))
    finally:
        osc.close()
    return opened


def _await_connection(opened: socket.socket, report: Reporter) -> None:
    """Says meanwhile what the web process says: that it lives, and that no page is to be opened."""
    page_due_s, somebody = 0.0, False
    while not somebody:
        report(Report.WEB_ALIVE, 1.0)
        if time.monotonic() >= page_due_s:
            page_due_s = time.monotonic() + PAGE_EVERY_S
            report(Report.WEB_PAGE, NOBODY)
        somebody = bool(select.select([opened], [], [], ALIVE_EVERY_S)[0])
