"""`page` and `pin`: where a phone finds the page, and who may do what there."""

from __future__ import annotations

import io
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import segno
import typer

from engine.files.state_folder import DEFAULT_PORT, default_state_folder
from engine.hub.oscquery.own_addresses import page_address
from engine.hub.oscquery.pins import Pins, new_pin
from engine.hub.oscquery.roles import Role

Port = Annotated[int, typer.Option(min=1024, max=65532, help="The port that `run` was given.")]


class WithPin(StrEnum):
    """Roles that a PIN gives."""

    PLAY = "play"
    SERVICE = "service"


def page(port: Port = DEFAULT_PORT) -> None:
    """Show where a phone finds the page of the installation that plays: started with --page or --listen."""
    _show(page_address(port))


def pin(
    role: Annotated[WithPin, typer.Argument(help="play: moods, level, silence, keep. service: everything.")],
    set_: Annotated[str | None, typer.Option("--set", help="This PIN, of 6 characters or more. [default: new]")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Nobody gets this role from the network any more.")] = False,
    port: Port = DEFAULT_PORT,
    state: Annotated[Path | None, typer.Option(help="The state folder that `run` was given.")] = None,
) -> None:
    """Give other machines a PIN for a role; it works at once, and ends what an older one let in."""
    wanted = Role[role.upper()]
    chosen = None if remove else set_ or new_pin(wanted)
    Pins((state or default_state_folder(port)).resolve()).set(wanted, chosen)
    if chosen is None:
        typer.echo(f"there is no PIN for {role} any more")
        return
    typer.echo(f"PIN for {role}: {chosen}   (kept as a hash: it cannot be shown again)")
    _show(f"{page_address(port)}#pin={chosen}")


def _show(address: str) -> None:
    """The address, and as something that a phone's camera reads."""
    typer.echo(address)
    drawn = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(drawn, compact=True, border=2)
    typer.echo(drawn.getvalue())
