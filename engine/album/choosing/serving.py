"""Serves the page of takes until it is interrupted."""

from __future__ import annotations

import socket
import webbrowser
from collections.abc import Callable

import uvicorn

from engine.album.choosing.chooser import Chooser
from engine.album.choosing.page import choosing_app
from engine.errors import RecordError
from engine.osc.port import LOOPBACK


def serve_takes(chooser: Chooser, title: str, port: int, say: Callable[[str], None]) -> None:
    """Blocks until Ctrl-C. Port 0 takes any that is free. Raises `RecordError` where the port is taken."""
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((LOOPBACK, port))
        except OSError as error:
            raise RecordError(f"port {port}: {error.strerror}; choose another with --port") from None
        address = f"http://{LOOPBACK}:{opened.getsockname()[1]}/"
        say(address)
        webbrowser.open(address)
        uvicorn.Server(uvicorn.Config(choosing_app(chooser, title), log_level="warning")).run(sockets=[opened])
