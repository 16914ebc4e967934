"""What people get wrong at the command line: one paragraph that names it and says what to do, and nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.errors import AmeublementError

SHEET = "title: X\ntracks:\n  - title: a\n"


def refused(*arguments: object) -> str:
    """What is said of a command that cannot be done."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 1
    assert isinstance(result.exception, AmeublementError), result.exception
    return str(result.exception)


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("title: X\ntracks:\n\t- title: a\n", ["line 3", "a tab; indent with spaces"]),
        ("title: X\ntracks:\n  - title: a\n  \tabout: b\n", ["a tab; indent with spaces"]),
        (SHEET + "    sectoins: []\n", ["line 4", "sectoins", "Did you mean 'sections'"]),
        (SHEET + "    sections:\n      - {name: a, length: 5, midi: none.mid}\n", ["line 5", "none.mid"]),
        (SHEET, ["line 3", "without sections and clips"]),
    ],
)
def test_a_record_with_a_mistake(tmp_path: Path, sheet: str, said: list[str]) -> None:
    path = tmp_path / "ep.yaml"
    path.write_text(sheet)
    message = refused("render", path, "--out", tmp_path / "out")
    assert all(part in message for part in said), message
    assert [file.name for file in tmp_path.iterdir()] == ["ep.yaml"]


def test_a_wrong_length_is_the_only_complaint(tmp_path: Path) -> None:
    (tmp_path / "ep.yaml").write_text(SHEET + "    sections:\n      - {name: a, length: -3}\n")
    message = refused("render", tmp_path / "ep.yaml", "--out", tmp_path / "out")
    assert message.splitlines() == [
        f"{tmp_path / 'ep.yaml'}, line 5, tracks.0.sections.0.length: a length of -3 s; expected 0 or more"
    ]


def test_what_is_not_there(tmp_path: Path) -> None:
    none = tmp_path / "none"
    assert f"{none}: cannot be read: No such file or directory; expected a record" in refused(
        "render", none, "--out", "x"
    )
    assert "Is a directory; expected a record" in refused("render", tmp_path, "--out", tmp_path / "out")
    assert f"{none}: there is no such folder" in refused("report", none)
    assert f"{none}: there is no such file; expected audio" in refused("textures", "import", none, "--style", "field")


def test_where_nothing_can_be_written() -> None:
    message = refused("textures", "generate", "--style", "pads", "--seconds", "1", "--out", "/proc/nowhere")
    assert message.startswith("--out /proc/nowhere: cannot be written")
    assert message.endswith("choose another place")


def test_a_pattern_that_fits_nothing_is_named() -> None:
    said = CliRunner().invoke(app, ["textures", "list", "zzz*"]).output
    assert "no texture is called 'zzz*'" in " ".join(said.split())


def test_a_surface_without_a_screen_says_so_instead_of_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.cli.surface.has_screen", lambda: False)
    assert "DISPLAY is not set" in refused("surface")
