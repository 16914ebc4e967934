"""Options in dataclasses are options as any: with their names, checks and defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner, Result

from engine.cli.terminal.grouped_options import grouped


@dataclass(frozen=True)
class Music:
    mood: Annotated[str | None, typer.Option(help="What plays.")] = None
    bells: Annotated[list[str] | None, typer.Option(help="Repeat.")] = None


@dataclass(frozen=True)
class Place:
    port: Annotated[int, typer.Option(min=1024, help="Where.")] = 9100
    midi: bool = True


taken: list[tuple[Music, Place]] = []


@grouped
def play(music: Music, place: Place) -> None:
    """Play, without end."""
    taken.append((music, place))


def said(*arguments: str) -> Result:
    taken.clear()
    app = typer.Typer(add_completion=False)
    app.command()(play)
    return CliRunner().invoke(app, list(arguments))


def test_what_is_not_given_is_as_the_dataclass_says() -> None:
    assert said().exit_code == 0
    assert taken == [(Music(), Place())]


def test_each_option_comes_to_its_group() -> None:
    assert said("--port", "2000", "--mood", "night", "--no-midi", "--bells", "a", "--bells", "b").exit_code == 0
    assert taken == [(Music("night", ["a", "b"]), Place(2000, midi=False))]


@pytest.mark.parametrize("arguments", [("--port", "80"), ("--music", "x"), ("night",)])
def test_what_no_group_has_or_takes_is_refused(arguments: tuple[str, ...]) -> None:
    assert said(*arguments).exit_code == 2
    assert taken == []


def test_the_command_says_what_it_does() -> None:
    assert "Play, without end." in said("--help").output


def test_one_name_in_two_groups_is_an_error_at_once() -> None:
    @dataclass(frozen=True)
    class Other:
        port: int = 1

    def twice(place: Place, other: Other) -> None: ...

    twice.__annotations__ = {"place": Place, "other": Other}
    with pytest.raises(ValueError, match="port"):
        grouped(twice)
