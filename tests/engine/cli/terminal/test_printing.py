"""What people write is printed as it is: titles and paths that look like markup, and letters no terminal has."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from engine.album.plan.sheet import Record
from engine.cli.__main__ import main
from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.progress import progress
from engine.files.paths import ROOT
from engine.parameters.moods import parse_mood

ODD = (
    "Rain [/ snow]",
    "out [take 2]",
    "[/]",
    "[bold]loud[/bold]",
    "[red",
    "say :smile:",
    "100 %]",
    "\\[x]",
    "[link=x]y",
)


@pytest.mark.parametrize("text", ODD)
def test_a_console_prints_what_was_written(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    from rich.table import Table

    table = Table(text, box=None)
    table.add_row(text)
    plain_console().print(table)
    plain_console().print(text, style="yellow")
    console = plain_console()
    with progress(console) as bar:
        bar.add_task(text, total=1.0)
    assert capsys.readouterr().out.count(text) >= 3


def test_every_command_prints_by_way_of_it() -> None:
    """rich's own console takes square brackets for markup; progress bars do so by themselves."""
    for path in (ROOT / "engine").rglob("*.py"):
        text = path.read_text("utf-8")
        if path.name != "printing.py":
            assert not re.search(r"(?<![\w.])Console\((?!Console|.*markup=False)", text), path
        for column in re.findall(r"TextColumn\(.*?\)", text):
            assert "markup=False" in column, path
        assert not re.search(r"print\(f?\"\[[a-z]+\]", text), path


def command(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(ROOT / "run_installation.py"), *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False, cwd=cwd, errors="surrogateescape")


def test_commands_with_odd_names(tmp_path: Path) -> None:
    mood = tmp_path / "odd [take 2].yaml"
    mood.write_text("title: Rain [/ snow]\nlayers: {}\n")
    for arguments in (
        ("render", str(mood), "--out", str(tmp_path / "out [/take]")),
        ("report", str(tmp_path / "no [/folder]")),
        ("textures", "list", "--folder", str(tmp_path / "[/x]")),
        ("room", "show", str(mood)),
        ("day", str(mood)),
        ("textures", "import", str(tmp_path / "[/gone].wav"), "--style", "field"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        well = arguments[:2] == ("textures", "list")
        assert ended.value.code in (0, None) if well else str(ended.value).startswith("error: ")


def test_a_name_of_bytes_that_are_no_letters(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/r\xe9sum\xe9.sf2")
    Path(name).write_bytes(b"x")
    done = command("textures", "list", "--folder", str(tmp_path))
    assert done.returncode == 0
    assert "r\\udce9sum\\udce9.sf2: is no sound that is known" in done.stdout.replace("\n", "")


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\t", "\u2028", "\x0b", "\x85"])
def test_a_title_is_one_line(mark: str) -> None:
    text = yaml.safe_dump({"title": f" Rain{mark}and   snow "})
    assert parse_mood(text, Path("a.yaml")).title == "Rain and snow"
    track = {"title": f"Rain{mark}INDEX 01 00:00:00"}
    record = Record.model_validate({"title": f"Air{mark}", "artist": f"{mark}Erik", "tracks": [track]})
    assert (record.title, record.artist) == ("Air", "Erik")
    assert record.tracks[0].title == "Rain INDEX 01 00:00:00"


@pytest.mark.parametrize(("told", "whole"), [({}, True), ({"COLUMNS": "60"}, False)])
def test_a_table_in_a_pipe_has_its_headings_whole_unless_told_how_wide_it_is(told: dict[str, str], whole: bool) -> None:
    code = (
        "from rich.table import Table\n"
        "from engine.cli.terminal.printing import plain_console\n"
        "plain_console().print(Table(*[f'heading {n}' for n in range(10)]))\n"
    )
    without = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    words = [sys.executable, "-c", code]
    said = subprocess.check_output(words, cwd=ROOT, env=without | told, text=True)
    assert ("heading 9" in said) == whole
