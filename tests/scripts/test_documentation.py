"""The documentation as it is built: true of the program, reachable, and readable without a network."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import PluginError

from engine.cli.app import app
from engine.parameters.addresses import TABLE
from models.common.card_header import read_card

ROOT = Path(__file__).parents[2]
PROSE = sorted({*(ROOT / "docs").glob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md"))})
MEASURED = ("faults.md",)
"""Written by programs; they name files of the day on which they were written."""
LARGEST_README_BYTES = 6_000


class Links(HTMLParser):
    """Collects what a page links to, and what it loads to be shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        elif place := found.get("src") or (tag == "link" and found.get("href")):
            self.loaded.append(str(place))


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("documentation", ROOT / "scripts" / "documentation.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly: a dead link, a missing anchor or a page that nothing leads to raises."""
    folder = tmp_path_factory.mktemp("site")
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder), strict=True))
    return folder


def test_every_page_is_reached_in_two_clicks(site: Path) -> None:
    reached, new = {site / "index.html"}, {site / "index.html"}
    for _ in range(2):
        new = {target for page in new for target in _linked(page)} - reached
        reached |= new
    pages = set(site.rglob("*.html")) - {site / "404.html"}
    assert len(pages) > 25
    assert pages - reached == set()


def _linked(page: Path) -> Iterator[Path]:
    for link in Links(page.read_text("utf-8")).links:
        if link.partition("#")[0].endswith(".html") and "://" not in link:
            yield (page.parent / link.partition("#")[0]).resolve()


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        loaded = Links(page.read_text("utf-8")).loaded
        assert [place for place in loaded if "//" in place] == [], page
        for place in loaded:
            if page.name != "404.html" and not place.startswith("data:"):
                assert (page.parent / place.partition("#")[0]).exists(), f"{page}: {place}"


def test_the_reference_has_every_address(hook: ModuleType) -> None:
    rows = set(re.findall(r"^\| `(/[^`]+)`", hook.GENERATED["osc"](), re.MULTILINE))
    assert {row.family or row.path for row in TABLE.values()} <= rows


def test_the_reference_has_every_command_and_option(hook: ModuleType) -> None:
    text = hook.GENERATED["commands"]()
    sections = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    commands = dict(_commands(typer.main.get_command(app)))
    assert set(sections) == set(commands)
    for name, command in commands.items():
        for option in command.params:
            for word in option.opts if option.param_type_name == "option" and option.name != "help" else ():
                assert f"`{word}`" in sections[name], f"{name} {word}"


def _commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for child, below in command.commands.items():
        yield from _commands(below, f"{name} {child}".strip())


def test_presets_and_packages_are_listed(hook: ModuleType) -> None:
    for name, folder in (("moods", "moods"), ("rooms", "rooms")):
        for path in (ROOT / "presets" / folder).glob("*.yaml"):
            assert f"`{path.stem}`" in hook.GENERATED[name]()
    assert "1. `engine.cli`\n" in hook.GENERATED["layers"]()
    packages = hook.GENERATED["packages"]()
    assert "`engine`" in packages
    assert "|  |" not in packages, "a package without a sentence of its own"


def test_networks_are_listed_with_their_licences(hook: ModuleType) -> None:
    listed = "".join(hook.GENERATED[kind]() for kind in ("performers", "texture networks", "score networks"))
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    cards = sorted((ROOT / "models" / "weights").glob("*/card.md"))
    assert len(cards) > 4
    for card in cards:
        assert f"[{card.parent.name}](" in listed
        assert f"`{card.parent.name}`" in page, "the page of licences names every network"
        for licence in read_card(card)[0].licence.split(", "):
            assert licence in page, f"{card.parent.name}: {licence}"


def test_a_page_that_asks_for_what_nobody_generates_is_refused(hook: ModuleType) -> None:
    class Page:
        class file:  # noqa: N801
            src_uri = "moods.md"

    assert hook.on_page_markdown("as it is\n", Page) == "as it is\n"
    assert "`night`" in hook.on_page_markdown("<!-- generated: moods -->\n", Page)
    with pytest.raises(PluginError, match=r"moods\.md asks for 'mods'; there are: .*moods"):
        hook.on_page_markdown("<!-- generated: mods -->\n", Page)


@pytest.mark.parametrize("page", [path for path in PROSE if path.name not in MEASURED], ids=lambda path: path.name)
def test_files_and_commands_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    for name in re.findall(r"`((?:engine|models|pd_patches|presets|tests|scripts|docs)/[\w./-]*)`", text):
        assert (ROOT / name).exists(), name
    patches = {path.name for path in (ROOT / "pd_patches").rglob("*.pd")}
    assert set(re.findall(r"`([\w~-]+\.pd)`", text)) <= patches
    modules = {path.name for folder in ("engine", "models") for path in (ROOT / folder).rglob("*.py")}
    assert set(re.findall(r"`(\w+\.py)`", text)) <= modules | {"run_installation.py"}
    commands = {name for name, _ in _commands(typer.main.get_command(app))}
    groups = {name.partition(" ")[0] for name in commands}
    called = r"(?:run_installation\.py|^ +ameublement) ([a-z][a-z-]*(?: [a-z][a-z-]*)*)"
    for words in re.findall(called, text, re.MULTILINE):
        first = words.split()[0]
        assert first in groups, words
        if first not in commands:
            assert any(f"{words} ".startswith(f"{name} ") for name in commands), words


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.encode()) <= LARGEST_README_BYTES
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert len(links) > 20
    assert [link for link in links if not (ROOT / link).exists()] == []
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md", "commands.md"}
    assert pages <= {Path(link).name for link in links}, "the README leads to every page"


def test_the_readme_maps_the_folders_that_are_there() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"`([\w/]+)/?`", text[text.index("## Folders") :]))
    rooms = {path.parent.name for path in (ROOT / "engine").glob("*/__init__.py")}
    assert rooms <= named
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} <= {name.strip("/") for name in named}
