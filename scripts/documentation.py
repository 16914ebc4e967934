"""What the documentation takes from the project itself each time it is built; a hook of MkDocs, see `mkdocs.yml`.

A page asks for a generated part with a comment on a line of its own, `<!-- generated: osc -->`. Whole files outside
`docs/` become pages as well: the cards of the networks, and what GitHub expects at the top of a repository.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import typer
import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # MkDocs loads this file by its path, from wherever it was started

from engine.cli.app import app  # noqa: E402
from engine.parameters.address_table import markdown_table  # noqa: E402
from models.common.card_header import CARD, read_card  # noqa: E402

ASKED: Final = re.compile(r"^<!-- generated: (?P<name>[a-z ]+) -->$", re.MULTILINE)
Command: TypeAlias = Any
Parameter: TypeAlias = Any
"""click's; newer versions of Typer bring a click of their own, older ones use the package."""
MEASURED: Final = ROOT / "build" / "bench.json"
KEPT_MEASUREMENTS: Final = ROOT / "docs" / "measurements" / "bench.json"
FROM_THE_TOP: Final = {"contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the networks' cards at the end of the navigation."""
    sections: list[dict[str, list[object]]] = config.nav or []
    sections[-1]["Inside"].append({"Cards of the networks": [{name: f"cards/{name}/{CARD}"} for name in _cards()]})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside `docs/`."""
    for page, source in FROM_THE_TOP.items():
        text = (ROOT / source).read_text("utf-8").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    for name, path in _cards().items():
        files.append(File.generated(config, f"cards/{name}/{CARD}", content=read_card(path)[1]))
        for picture in path.parent.glob("*.png"):
            files.append(File.generated(config, f"cards/{name}/{picture.name}", abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Put in what the page asks for. Raises PluginError for a name that nothing generates."""

    def put(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in GENERATED:
            raise PluginError(f"{page.file.src_uri} asks for {name!r}; there are: {', '.join(GENERATED)}")
        return GENERATED[name]()

    return ASKED.sub(put, markdown)


def _cards() -> dict[str, Path]:
    return {path.parent.name: path for path in sorted((ROOT / "models" / "weights").glob(f"*/{CARD}"))}


# ------------------------------------------------------------------ commands


def command_reference() -> str:
    """Every command with its arguments and options, as `--help` has them."""
    return "\n".join(line for name, command in _leaves(typer.main.get_command(app)) for line in _command(name, command))


def _leaves(command: Command, name: str = "") -> Iterator[tuple[str, Command]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child, below in children.items():
        yield from _leaves(below, f"{name} {child}".strip())


def _command(name: str, command: Command) -> Iterator[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    usage = " ".join(["ameublement", name, *(_argument(one) for one in arguments), *(["[options]"] if options else [])])
    yield from (f"## {name}", "", f"    {usage}", "", _paragraphs(command.help or ""), "")
    if options:
        yield from ("| option | what it is for |", "|---|---|")
        yield from (_option(one) for one in options)
        yield ""


def _argument(argument: Parameter) -> str:
    name = str(argument.metavar or argument.name).strip("{}[]")
    return name.upper() if argument.required else f"[{name.upper()}]"


def _option(option: Parameter) -> str:
    names = "`, `".join((*option.opts, *option.secondary_opts))
    default = option.default
    shown = f" Default: {default}." if isinstance(default, int | float | str) and not isinstance(default, bool) else ""
    required = " Required." if option.required else ""
    help_text = re.sub(r"\s*\[default: (.*?)\]", r" Default: \1.", str(getattr(option, "help", None) or ""))
    return f"| `{names}` | {_cell(help_text)}{required}{shown} |"


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# ------------------------------------------------------------------- presets


def mood_table() -> str:
    """The moods that come along, as their files describe them."""
    return _table(("mood", "title", "is"), _described("moods"))


def room_table() -> str:
    """The rooms that come along."""
    return _table(("room", "is"), [(name, about) for name, _, about in _described("rooms")])


def _described(folder: str) -> list[tuple[str, str, str]]:
    found = []
    for path in sorted((ROOT / "presets" / folder).glob("*.yaml")):
        preset = yaml.safe_load(path.read_text("utf-8"))
        found.append((f"`{path.stem}`", str(preset.get("title", "")), str(preset.get("about", ""))))
    return found


def _table(headings: tuple[str, ...], rows: list[Any]) -> str:
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


# ------------------------------------------------------------------ networks


SOUND_NETWORKS = ("wavenet", "samplernn", "spectral")
SCORE_NETWORKS = ("humaniser", "interpolation")


def performer_table() -> str:
    """The performers that come along, as their cards describe them."""
    return _networks("notes", ("performer", "network", "learnt from", "nats per event"))


def texture_network_table() -> str:
    """The texture networks that come along."""
    return _networks("sound", ("texture network", "network", "learnt from", "bits per value"))


def score_network_table() -> str:
    """The networks that do something with notes that are there."""
    return _networks("scores", ("network", "does", "learnt from", "bits per value"))


def _kind(network: str) -> str:
    return "sound" if network in SOUND_NETWORKS else "scores" if network in SCORE_NETWORKS else "notes"


def _networks(kind: str, headings: tuple[str, ...]) -> str:
    rows = []
    for name, path in _cards().items():
        header, _ = read_card(path)
        if _kind(header.network) == kind:
            loss = header.nats_per_event if kind == "notes" else header.bits_per_value
            measured = "not measured" if loss is None else f"{loss:.2f}"
            rows.append((f"[{name}](cards/{name}/{CARD})", header.network.replace("_", " "), header.data, measured))
    return _table(headings, rows)


# ------------------------------------------------------------------ packages


def package_table() -> str:
    """Every package of the code with the sentence that its `__init__` says about it."""
    rows = [
        (f"`{'.'.join(init.parent.relative_to(ROOT).parts)}`", _first_sentence(init), str(_modules(init.parent)))
        for top in ("engine", "models")
        for init in sorted((ROOT / top).rglob("__init__.py"))
    ]
    return _table(("package", "holds", "modules"), rows)


def layer_list() -> str:
    """The order of the layers, from the top floor down, as import-linter checks it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return "\n".join("1. " + ", ".join(f"`{name.strip()}`" for name in layer.split("|")) for layer in layers)


def _first_sentence(init: Path) -> str:
    text = ast.get_docstring(ast.parse(init.read_text("utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split())


def _modules(folder: Path) -> int:
    return sum(path.name != "__init__.py" for path in folder.glob("*.py"))


# --------------------------------------------------------------- measurements


def bench_table() -> str:
    """The last `make bench` of this machine; where there was none, that which the repository keeps."""
    rows = json.loads((MEASURED if MEASURED.exists() else KEPT_MEASUREMENTS).read_text("utf-8"))
    about = rows.pop("machine")
    where = f"{about['processor']}, {about['cores']} cores ({', '.join(about['flags'])}), load {about['load']}"
    headings = ("measurement", "value", "reference", "ratio", "asked", "")
    return f"Measured on: {where}.\n\n" + _table(headings, [_measured(name, row) for name, row in rows.items()])


def _measured(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    value, reference = f"{row['value']:,.4g} {row['unit']}", f"{row['reference']:,.4g} ({row['reference_is']})"
    return f"`{name}`", value, reference, f"{row['ratio']:.3g}", row["promise"], row["verdict"]


GENERATED: Final[dict[str, Callable[[], str]]] = {
    "osc": markdown_table,
    "commands": command_reference,
    "moods": mood_table,
    "rooms": room_table,
    "performers": performer_table,
    "texture networks": texture_network_table,
    "score networks": score_network_table,
    "packages": package_table,
    "layers": layer_list,
    "bench": bench_table,
}
