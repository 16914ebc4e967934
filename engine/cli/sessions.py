"""`sessions`: what hands did at the controls, recorded and played back, of an installation that plays or by itself."""

from __future__ import annotations

import select
import time
from typing import Annotated, Final

import typer
from rich.table import Table

from engine.cli.journal import Port, State, state_folder
from engine.cli.terminal.printing import plain_console
from engine.errors import AmeublementError
from engine.files.state_folder import DEFAULT_PORT
from engine.hub.sessions.session import SessionError
from engine.hub.sessions.store import SessionStore
from engine.journal.stretch import parse_time
from engine.osc.messages import Report
from engine.osc.port import LOOPBACK, Message, OscPort

ANSWER_S: Final = 3.0

sessions = typer.Typer(help="Recorded sessions of controls.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="What it is called: small letters, digits, _ and -.")]


@sessions.command("list")
def list_(state: State = None, port: Port = DEFAULT_PORT) -> None:
    """Say which sessions there are, how long they are, and how much changes in them."""
    store = SessionStore(state_folder(state, port).path)
    if not store.names():
        raise SessionError(f"{store.folder} holds no session yet; `sessions record NAME` begins one")
    table = Table.grid(padding=(0, 2))
    for name in store.names():
        table.add_row(name, store.about(name))
    plain_console().print(table)


@sessions.command()
def record(name: Name, port: Port = DEFAULT_PORT) -> None:
    """Let the installation that plays record what hands change, until `sessions stop`."""
    typer.echo(_ask(port, "/session/record", name))


@sessions.command()
def play(name: Name, port: Port = DEFAULT_PORT) -> None:
    """Let the installation that plays do again what was recorded."""
    typer.echo(_ask(port, "/session/play", name))


@sessions.command()
def stop(port: Port = DEFAULT_PORT) -> None:
    """End what is recorded, and what plays of such."""
    _ask(port, "/session/stop")


@sessions.command()
def delete(name: Name, state: State = None, port: Port = DEFAULT_PORT) -> None:
    """Put a session aside, into the folder `.previous` beside the others."""
    SessionStore(state_folder(state, port).path).delete(name)


@sessions.command("from-journal")
def from_journal(
    name: Name,
    at: Annotated[str, typer.Option(help='When, in local time: "2026-11-23 20:15", or with an offset.')],
    minutes: Annotated[float, typer.Option(min=0.02, max=240.0, help="How long.")] = 10.0,
    state: State = None,
    port: Port = DEFAULT_PORT,
) -> None:
    """Make a session of what the journal says was set in a stretch of the past."""
    from engine.hub.sessions.from_journal import session_from_journal

    folder = state_folder(state, port)
    moments = parse_time(at)
    if len(moments) > 1:
        raise SessionError(f"--at {at}: that time came twice; give it with an offset, as in 2026-10-25T02:30+01:00")
    session = session_from_journal(folder.journal, moments[0].timestamp(), minutes * 60.0)
    store = SessionStore(folder.path)
    store.save(name, session)
    typer.echo(f"{name}: {store.about(name)}")


def _ask(port: int, path: str, *arguments: object) -> str:
    """Have the installation do something; what it says is going on then. Raises AmeublementError."""
    socket, hub = OscPort(LOOPBACK, 0), (LOOPBACK, port)
    try:
        socket.send(hub, path, *arguments)
        time.sleep(0.1)
        socket.send(hub, "/state/dump")
        end_s = time.monotonic() + ANSWER_S
        while time.monotonic() < end_s:
            select.select([socket.socket], [], [], 0.2)
            for message in socket.received(1000):
                if not isinstance(message, Message):
                    continue
                if message.path == Report.ERROR and message.arguments[0] == path:
                    raise AmeublementError(str(message.arguments[1]))
                if message.path == "/session/now":
                    return str(message.arguments[0])
    finally:
        socket.close()
    raise AmeublementError(f"the installation on UDP port {port} does not answer: is one playing, on this port?")
