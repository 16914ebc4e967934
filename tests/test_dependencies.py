"""An audit that needs no network: what the project stands on is declared, bounded, and has no weakness known to us."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from packaging.requirements import Requirement
from packaging.version import Version

from engine.errors import ControlError
from engine.files.paths import ROOT
from engine.hub.actions import Actions
from engine.hub.state import ControlState
from engine.parameters.address import Address
from engine.parameters.addresses import TABLE
from engine.parameters.mood_store import MoodStore
from engine.sound.textures.files import textures_in

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RUN = [Requirement(line) for line in PROJECT["dependencies"]]
TRAIN = [Requirement(line) for line in PROJECT["optional-dependencies"]["train"]]
MIDI = [Requirement(line) for line in PROJECT["optional-dependencies"]["midi"]]
ADVISORIES = tomllib.loads((ROOT / "tests" / "advisories.toml").read_text("utf-8"))["advisory"]
SOURCES = [
    ROOT / "run_installation.py",
    *(path for name in ("engine", "models") for path in (ROOT / name).rglob("*.py")),
]
MODULES = {
    "fluidsynth": "pyfluidsynth",
    "logging_journald": "logging-journald",
    "paho": "paho-mqtt",
    "prometheus_client": "prometheus-client",
    "pythonosc": "python-osc",
    "rtmidi": "python-rtmidi",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
"""Where a package is called otherwise than its module."""
BROUGHT_ALONG = {"annotated_types", "llvmlite", "pyo64"}
"""By pydantic and numba, whose versions decide theirs; and another build of pyo."""
SAFE_LOADERS = {"Loader=_Loader", "Loader=yaml.SafeLoader", "Loader=yaml.CSafeLoader"}
"""`_Loader` of engine.files.checked_yaml is one of the other two."""
DANGEROUS = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}


def _imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("requirement", [*RUN, *TRAIN], ids=lambda one: one.name)
def test_a_dependency_is_bounded_on_both_sides_and_what_is_installed_fits(requirement: Requirement) -> None:
    kinds = {one.operator for one in requirement.specifier}
    assert ">=" in kinds
    assert "<" in kinds
    assert requirement.specifier.contains(importlib.metadata.version(requirement.name))


def test_everything_that_is_imported_is_declared_and_the_other_way_round() -> None:
    own = {"engine", "models"} | set(sys.stdlib_module_names) | BROUGHT_ALONG
    loaded_by_others = {"websockets"}  # by uvicorn, which is told so in engine.hub.oscquery.web_process
    used = loaded_by_others | {MODULES.get(name, name).lower() for path in SOURCES for name in _imports(path)} - own
    declared = {requirement.name.lower() for requirement in [*RUN, *TRAIN, *MIDI]}
    assert used - declared == set()
    assert declared - used == set()


@pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda one: one["id"])
def test_no_known_weakness_is_installed_or_let_in(advisory: dict[str, str]) -> None:
    name, first_good = advisory["package"], Version(advisory["below"])
    if name == "libsndfile":
        assert Version(soundfile.__libsndfile_version__) >= first_good
        return
    assert Version(importlib.metadata.version(name)) >= first_good
    (requirement,) = (one for one in [*RUN, *TRAIN] if one.name == name)
    lowest = min(Version(one.version) for one in requirement.specifier if one.operator == ">=")
    assert lowest >= first_good, f"{advisory['id']}: {advisory['about']}"


def _calls(path: Path) -> Iterator[tuple[str, list[str]]]:
    """(what is called, its keywords as written) of every call in a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield ast.unparse(node.func), [f"{word.arg}={ast.unparse(word.value)}" for word in node.keywords]


def test_nothing_that_runs_what_it_reads_is_used() -> None:
    """Weights are safetensors, settings are safe YAML and JSON; checkpoints of training are loaded as mere tensors."""
    for path in SOURCES:
        own_files = path.parts[-2:] == ("rendering", "tasks.py")  # what its own workers wrote a minute ago
        for called, keywords in _calls(path):
            assert own_files or called.split(".")[0] not in DANGEROUS, path
            assert called not in ("yaml.unsafe_load", "eval", "exec", "os.system"), path
            assert called != "yaml.load" or set(keywords) & SAFE_LOADERS, path
            assert called != "torch.load" or "weights_only=True" in keywords, path
            assert not any(word.startswith("shell=") or word == "allow_pickle=True" for word in keywords), path


WICKED = (
    "../../etc/passwd",
    "/etc/passwd",
    "a/b",
    "..",
    "a\\b",
    "night.yaml",
    "",
    "\x00",
    "x" * 5000,
    "~root",
    "$HOME",
)


PERFORMERS = ("/performer/name", "/performer/themes")
TEXTS = [row for row in TABLE.values() if row.kind == "text" and not row.path.endswith("/midi_out")]
"""A MIDI port may be called anything: its name is compared with those of the ports, and is never a path."""


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row.path)
def test_no_text_from_the_network_can_become_a_path_out_of_a_folder(row: Address, tmp_path: Path) -> None:
    actions = Actions(ControlState("night", 1), MoodStore(tmp_path))
    for word in WICKED:
        try:
            taken = str(row.parse([word]))
            actions.act(row, taken)
        except ControlError:
            continue
        assert not {"\\", "\x00", "~", "$"} & set(taken), row.path
        assert "/" not in taken or row.path in PERFORMERS, "an era is a folder in a performer's own"
        assert not taken.startswith("/"), row.path
        if row.path.endswith("/file"):
            assert textures_in([tmp_path], taken) == []
        else:
            assert ".." not in taken, row.path
