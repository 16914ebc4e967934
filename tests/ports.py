"""Ports that nobody uses, for tests that need fixed ones."""

from __future__ import annotations

import secrets
import socket
from contextlib import ExitStack

from engine.osc.port import LOOPBACK

_TRIES = 100


def free_port(count: int = 5) -> int:
    """The first of `count` free UDP ports in a row, by chance, so that tests beside each other seldom meet."""
    for _ in range(_TRIES):
        first = 20_000 + secrets.randbelow(40_000)
        with ExitStack() as opened:
            try:
                for port in range(first, first + count):
                    one = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                    one.bind((LOOPBACK, port))
            except OSError:
                continue
            return first
    raise RuntimeError("no free ports")
