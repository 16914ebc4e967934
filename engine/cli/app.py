"""Which commands there are; how their errors are shown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import typer

from engine.cli import (
    addresses,
    alerts,
    check,
    comparison,
    day,
    journal,
    keep,
    moods,
    networks,
    page,
    render,
    report,
    room,
    run,
    service,
    sessions,
    status,
    surface,
    textures,
)
from engine.cli.terminal.printing import print_anything
from engine.errors import AmeublementError
from engine.files.compile_cache import choose_caches

COMMON_COMMAND: Final = "run"
INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as shells have it: 128 and the number of the signal."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ameublement fills a room with music that nobody has to listen to.",
)
app.command()(run.run)
app.command()(status.status)
app.command()(render.render)
app.command()(journal.replay)
app.command()(keep.keep)
app.add_typer(journal.journal, name="journal")
app.add_typer(sessions.sessions, name="sessions")
app.command()(report.report)
app.command(context_settings={"allow_extra_args": True})(service.install_service)
app.command()(service.uninstall_service)
app.command()(check.check)
app.command()(moods.moods)
app.add_typer(room.room, name="room")
app.command()(day.day)
app.command()(addresses.addresses)
app.command()(alerts.alerts)
app.command()(surface.surface)
app.command()(page.page)
app.command()(page.pin)
app.command()(networks.train)
app.command()(networks.evaluate)
networks.phrases.command("compare")(comparison.compare)
networks.phrases.command("recall")(comparison.recall)
app.add_typer(networks.phrases, name="phrases")
app.add_typer(networks.models, name="models")
app.add_typer(textures.textures, name="textures")


def main(arguments: Sequence[str]) -> None:
    """Run one command; what the user can put right is said in one paragraph, without a traceback."""
    print_anything()
    choose_caches()
    try:
        app(list(arguments))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except AmeublementError as error:
        sys.exit(f"error: {error}")


def command_line() -> None:
    """What `ameublement` and `run_installation.py` do: run the command that was asked for; without one, play."""
    arguments = sys.argv[1:]
    if not arguments or (arguments[0].startswith("-") and arguments[0] != "--help"):
        arguments = [COMMON_COMMAND, *arguments]
    main(arguments)
