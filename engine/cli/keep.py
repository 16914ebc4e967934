"""`keep`: the last minutes of the installation that plays, for good."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from engine.errors import AmeublementError
from engine.files.state_folder import DEFAULT_PORT
from engine.osc.messages import Report
from engine.osc.port import LOOPBACK, Message, OscPort

ANSWER_S: Final = 5.0
"""An installation that plays says within this time that it has begun."""
LONGEST_S: Final = 1800.0
STAY_S: Final = 5.0


def keep(
    minutes: Annotated[float, typer.Option(min=0.1, max=60.0, help="How many of the last minutes.")] = 5.0,
    port: Annotated[int, typer.Option(min=1024, max=65531, help="The port that `run` was given.")] = DEFAULT_PORT,
) -> None:
    """Keep the last minutes of the installation that plays: the room's sound, the stems, and the notes."""
    socket = OscPort(LOOPBACK, 0)
    try:
        for text in _progress(socket, minutes, port):
            typer.echo(text)
    finally:
        socket.close()


def _progress(socket: OscPort, minutes: float, port: int) -> Iterator[str]:
    """What the installation says until it is done. Raises AmeublementError when it cannot, or does not answer."""
    hub = (LOOPBACK, port)
    socket.send(hub, "/alive")
    socket.send(hub, "/keep", minutes)
    begun_s = heard_s = time.monotonic()
    begun, last_s = False, begun_s
    while time.monotonic() - begun_s < (LONGEST_S if begun else ANSWER_S):
        if time.monotonic() - heard_s > STAY_S:
            heard_s = time.monotonic()
            socket.send(hub, "/alive")
        select.select([socket.socket], [], [], 0.5)
        if time.monotonic() - last_s > ANSWER_S + STAY_S:
            break
        for message in socket.received():
            last_s = time.monotonic()
            if not isinstance(message, Message):
                continue
            text = str(message.arguments[-1]) if message.arguments else ""
            if message.path == Report.KEEP_NOW:
                begun = True
                yield text
                if text.startswith("kept in "):
                    return
            elif message.path == Report.ERROR and message.arguments[0] == "/keep":
                if not text.startswith(("without stems", "in step")):
                    raise AmeublementError(text)
                yield text
    what = "has gone before it was done" if begun else "does not answer: is one playing, on this port?"
    raise AmeublementError(f"the installation on UDP port {port} {what}")
