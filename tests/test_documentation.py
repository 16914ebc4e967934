"""What the documentation names is there: files and folders of the project, its modules, and its commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from engine.parameters.stems import CHANNELS
from tests.command_tree import commands

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md"))]
TOPS = "engine|models|presets|pd_patches|scripts|tests|bench|docs"
PATH = re.compile(rf"`((?:{TOPS})/[A-Za-z0-9_./~-]*)`")
FILE = re.compile(r"`([A-Za-z0-9_~-]+\.(?:py|pd|sh))`")
"""A file without its folder, which the text around it names."""
COMMAND = re.compile(r"(?:\./run_installation\.py|^ {4}ameublement) ([a-z].*)", re.MULTILINE)
MODULE = re.compile(r"`((?:engine|models)(?:\.[a-z_]+)+)`")


@cache
def files() -> set[str]:
    tops = [ROOT / top for top in TOPS.split("|")]
    return {path.name for path in [*ROOT.iterdir(), *(path for top in tops for path in top.rglob("*.*"))]}


def unknown(line: str) -> Iterator[str]:
    """What a command as it is written on a page has, and the command line has not."""
    words = line.split("`", maxsplit=1)[0].split(" #", maxsplit=1)[0].split()
    known = commands()
    names = [name for name in ("/".join(words[:count]) for count in (3, 2, 1)) if name in known]
    if not names:
        yield words[0]
        return
    for word in words[: words.index("--") if "--" in words else None]:
        if word.startswith("--") and word.rstrip(",.;:)") not in known[names[0]] | {"--help"}:
            yield f"{names[0]} {word}"


def missing(page: Path) -> Iterator[str]:
    text = page.read_text("utf-8")
    yield from (path for path in PATH.findall(text) if not (ROOT / path).exists())
    yield from (name for name in FILE.findall(text) if name not in files())
    for name in MODULE.findall(text):
        place = ROOT.joinpath(*name.split("."))
        within = place.with_suffix(".py").exists() or place.is_dir() or place.parent.with_suffix(".py").exists()
        if not within:
            yield name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_and_modules_exist(page: Path) -> None:
    assert list(missing(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_have_the_options_they_are_written_with(page: Path) -> None:
    assert [wrong for line in COMMAND.findall(page.read_text("utf-8")) for wrong in unknown(line)] == []


def test_a_reel_has_as_many_channels_as_the_journey_of_a_phrase_says() -> None:
    assert f" {CHANNELS} channels, two for each" in (ROOT / "docs" / "how-it-works.md").read_text("utf-8")


def test_a_command_that_is_not_there_is_found() -> None:
    assert list(unknown("render sheet.yaml --out folder --nonsense")) == ["render --nonsense"]
    assert list(unknown("dance")) == ["dance"]


def test_paths_and_commands_are_found_at_all() -> None:
    texts = [page.read_text("utf-8") for page in PAGES]
    assert sum(len(PATH.findall(text)) for text in texts) > 30
    assert sum(len(COMMAND.findall(text)) for text in texts) > 30
