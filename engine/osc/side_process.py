"""How a process beside hub and supervisor begins: its options, its log, whom it reports to, what tells it to end."""

from __future__ import annotations

import argparse
import logging
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.osc.port import LOOPBACK, OscPort
from engine.osc.reporter import Reporter


def option_parser(description: str, *, has_runtime: bool = True) -> argparse.ArgumentParser:
    """With the options that all of them have; `has_runtime`: it works in the runtime folder."""
    parser = argparse.ArgumentParser(description=description)
    if has_runtime:
        parser.add_argument("--runtime", type=Path, required=True, help="runtime folder of the installation")
    parser.add_argument("--port", type=int, required=True, help="the hub's UDP port")
    parser.add_argument("--supervisor-port", type=int, default=0, help="the supervisor's UDP port, where there is one")
    return parser


def begin(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options as they were given; what is logged goes to the process's output, with its time."""
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    return options


def told_to_end() -> threading.Event:
    """Set when the supervisor tells the process to end (SIGTERM)."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    return told


def moments(every_s: float) -> Iterator[float]:
    """Seconds of the monotonic clock, one each `every_s`, from now on until the process is told to end."""
    return _moments(told_to_end(), every_s)


def _moments(told: threading.Event, every_s: float) -> Iterator[float]:
    while not told.wait(every_s):
        yield time.monotonic()


@contextmanager
def reporter(options: argparse.Namespace) -> Iterator[Reporter]:
    """Reports to the hub and the supervisor that `options` name, through a socket of its own."""
    osc = OscPort(LOOPBACK, 0)
    try:
        yield Reporter(osc, options.port, options.supervisor_port)
    finally:
        osc.close()
