"""What the command line takes, for tests that compare it with what was written elsewhere."""

from __future__ import annotations

from typing import Any

import typer

from engine.cli.app import app


def commands() -> dict[str, set[str]]:
    """Options and arguments (in capitals) of each command, by its words with slashes between."""
    found: dict[str, set[str]] = {}
    _walk(typer.main.get_command(app), (), found)
    return found


def _walk(command: Any, words: tuple[str, ...], found: dict[str, set[str]]) -> None:
    options = {name for p in command.params if p.param_type_name == "option" for name in (*p.opts, *p.secondary_opts)}
    found["/".join(words)] = options | {p.name.upper() for p in command.params if p.param_type_name == "argument"}
    for name, inner in getattr(command, "commands", {}).items():
        _walk(inner, (*words, name), found)
