"""`surface`: the control surface alone, for an installation here or elsewhere."""

from __future__ import annotations

import os
from typing import Annotated, Final

import typer

from engine.errors import RoomError
from engine.files.state_folder import DEFAULT_PORT
from engine.osc.port import LOOPBACK
from engine.room.pd_process import find_pd, has_screen, surface_command

HERE: Final = (LOOPBACK, "localhost")


def surface(
    host: Annotated[str, typer.Option(help="Machine that plays (started there with --listen).")] = LOOPBACK,
    port: Annotated[int, typer.Option(min=1024, max=65531, help="Its OSC port.")] = DEFAULT_PORT,
    midi: Annotated[
        bool | None, typer.Option(help="Take MIDI of this machine as well. [default: unless the installation is here]")
    ] = None,
) -> None:
    """Open the control surface of an installation that plays already."""
    if not has_screen():
        raise RoomError(
            "no screen (DISPLAY is not set), so no surface can open; open it on a machine that has one, with --host"
        )
    command = surface_command(find_pd(), host, port, midi=host not in HERE if midi is None else midi)
    os.execv(command[0], command)
