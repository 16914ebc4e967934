"""What names a place to write to is refused before anything begins, for every command there is."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from engine.cli.__main__ import main
from engine.cli.app import app
from engine.errors import AmeublementError
from engine.files.state_folder import STATE_VARIABLE

NOWHERE = "/proc/none/it"
WRITTEN = ("--out", "--sheet", "--midi", "--record", "--summary")
"""Options that name a place to write to, wherever they stand."""
OTHERS = (("render", "--out"), ("replay", "--out"), ("run", "--midi"), ("surface", "--midi"))
"""Two look at a folder that must not be there yet, and at the room it will need; to two, `--midi` is a device."""


def written_options(command: Any = None, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The words of each command, with one of its options that names a place to write to."""
    command = command or typer.main.get_command(app)
    for option in command.params:
        if option.opts[0] in WRITTEN and (words[0], option.opts[0]) not in OTHERS:
            yield words, option.opts[0]
    for name, inner in getattr(command, "commands", {}).items():
        yield from written_options(inner, (*words, name))


FOUND = list(written_options())


def test_there_are_such_options() -> None:
    assert {("textures", "train"), ("phrases", "draw"), ("report",), ("run",)} < {words for words, _ in FOUND}


@pytest.mark.skipif(not os.path.exists("/proc"), reason="needs a folder in which nobody can make one")
@pytest.mark.parametrize(("words", "option"), FOUND, ids=lambda part: part if isinstance(part, str) else " ".join(part))
def test_it_is_refused_before_anything_else_is_looked_at(words: tuple[str, ...], option: str) -> None:
    """No command gets what it needs here, and says nothing of that: the place comes first."""
    result = CliRunner().invoke(app, [*words, option, NOWHERE])
    assert isinstance(result.exception, AmeublementError), result.output
    assert str(result.exception).startswith(f"{option} {NOWHERE}: cannot be written: ")


@pytest.mark.skipif(not os.path.exists("/proc"), reason="needs a folder in which nobody can make one")
@pytest.mark.parametrize("words", [("generate", "--style", "pads"), ("import", "--style", "pads", "a.wav")])
def test_so_is_the_place_that_is_taken_where_none_is_named(words: tuple[str, ...], monkeypatch: Any) -> None:
    monkeypatch.setenv(STATE_VARIABLE, "/proc/none")
    result = CliRunner().invoke(app, ["textures", *words])
    assert isinstance(result.exception, AmeublementError), result.output
    assert str(result.exception).startswith("--out /proc/none/textures: cannot be written: ")


def test_what_was_there_stays_and_of_a_command_that_fails_nothing_is_left(tmp_path: Path) -> None:
    there = tmp_path / "there.json"
    there.write_text("kept")
    recorded = tmp_path / "there.wav"
    recorded.write_text("kept")
    for name in ("there.json", "new/one/sheet.png"):
        CliRunner().invoke(app, ["textures", "evaluate", "--out", str(tmp_path / name)])
    CliRunner().invoke(app, ["run", "--record", str(recorded), "--alerts", str(tmp_path / "none")])
    CliRunner().invoke(app, ["train", "--out", str(tmp_path / "network"), "--corpus", str(tmp_path / "none")])
    assert there.read_text() == recorded.read_text() == "kept"
    assert {*tmp_path.iterdir()} == {there, recorded}


def test_a_disk_that_fills_up_is_said_and_a_fault_of_ours_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(number: int) -> None:
        def command(_: list[str]) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("engine.cli.__main__.every_command", lambda: command)
        main(["moods"])

    with pytest.raises(SystemExit, match=r"^error: No space left on device; make room"):
        fails(errno.ENOSPC)
    with pytest.raises(OSError, match="Bad file descriptor"):
        fails(errno.EBADF)
