"""`python -m engine.cli`: the command line, which runs the command that was asked for and shows its errors."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from typing import Final

import typer

from engine.cli.terminal.printing import print_anything
from engine.errors import AmeublementError
from engine.files.compile_cache import choose_caches

COMMON_COMMAND: Final = "run"
INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as shells have it: 128 and the number of the signal."""

_FOR_THE_USER: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
"""A full disk and a folder of somebody else; whatever else a system refuses is a fault of ours."""


def command_line() -> None:
    """What `ameublement` and `run_installation.py` do: run the command that was asked for; without one, play."""
    arguments = sys.argv[1:]
    if not arguments or (arguments[0].startswith("-") and arguments[0] != "--help"):
        arguments = [COMMON_COMMAND, *arguments]
    main(arguments)


def main(arguments: Sequence[str]) -> None:
    """Run one command; what the user can put right is said in one paragraph, without a traceback."""
    print_anything()
    choose_caches()
    try:
        commands = only_run() if arguments[:1] == [COMMON_COMMAND] else every_command()
        commands(list(arguments))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except AmeublementError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno not in _FOR_THE_USER:
            raise
        place = f"{error.filename}: " if error.filename else ""
        sys.exit(f"error: {place}{error.strerror}; make room or choose another place")


def every_command() -> typer.Typer:
    """All of them."""
    from engine.cli.app import app

    return app


def only_run() -> typer.Typer:
    """`run` alone: it is there in half the time and memory, since nobody who waits for music needs all the others."""
    from engine.cli.run import run

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.callback()(lambda: None)  # so that the name of the command is still said
    app.command()(run)
    return app


if __name__ == "__main__":
    command_line()
