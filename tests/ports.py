"""Ports that nobody uses, for tests that need fixed ones."""

from __future__ import annotations

import secrets
import socket
from contextlib import ExitStack

from engine.osc.port import LOOPBACK

_TRIES = 100
_FIRST, _END = 20_000, 32_000
"""Below those that a system gives to whoever connects: who tries a port on which nobody listens yet may be given that
very port, and then speaks with itself."""


def free_port(count: int = 5) -> int:
    """The first of `count` free ports in a row, UDP and TCP, by chance, so that tests beside each other seldom meet."""
    for _ in range(_TRIES):
        first = _FIRST + secrets.randbelow(_END - _FIRST)
        with ExitStack() as opened:
            try:
                for port in range(first, first + count):
                    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                        opened.enter_context(socket.socket(socket.AF_INET, kind)).bind((LOOPBACK, port))
            except OSError:
                continue
            return first
    raise RuntimeError("no free ports")
