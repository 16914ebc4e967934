"""What `pip install .` installs: all files that playing needs, and commands that work from any folder.

The package's files are laid out as pip lays them out, beside each other and without the clone's entry at the top.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from engine.files.paths import ROOT

SETTINGS: Final = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FOLDERS: Final = ("engine", "models", "presets", "pd_patches")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages, with what pip notes of this one."""
    folder = tmp_path_factory.mktemp("site")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    project = SETTINGS["project"]
    notes = folder / f"{project['name']}-{project['version']}.dist-info"
    notes.mkdir()
    lines = ["Metadata-Version: 2.4", f"Name: {project['name']}", f"Version: {project['version']}"]
    lines += [f"Requires-Dist: {line}" for line in project["dependencies"]]
    lines += [f"Requires-Dist: {line}; extra == 'midi'" for line in project["optional-dependencies"]["midi"]]
    (notes / "METADATA").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def ask(site: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What Python says to `words`, from a folder that has nothing to do with the package."""
    home.mkdir(exist_ok=True)
    of_tests = ("XDG_STATE_HOME", "AMEUBLEMENT_STATE")
    environment = {name: value for name, value in os.environ.items() if name not in of_tests}
    environment |= {"PYTHONPATH": str(site), "HOME": str(home), "COLUMNS": "200"}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False, timeout=120)


def command(site: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the installed package."""
    return ask(site, home, "-m", "engine.cli", *words)


def test_every_kind_of_file_that_playing_needs_is_packed() -> None:
    packed = {pattern.removeprefix("*") for pattern in SETTINGS["tool"]["setuptools"]["package-data"]["*"]}
    for folder in (ROOT / "presets", ROOT / "pd_patches", ROOT / "models" / "weights"):
        kinds = {path.suffix for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
        assert kinds <= packed | {".py"}, folder
    included = SETTINGS["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {f"{name}*" for name in FOLDERS} == set(included)


def test_the_command_is_the_one_of_the_clone() -> None:
    module, _, function = SETTINGS["project"]["scripts"]["ameublement"].partition(":")
    assert f"from {module} import {function}" in (ROOT / "run_installation.py").read_text("utf-8")


@pytest.mark.parametrize("name", ["Dockerfile", "Makefile", "scripts/setup.sh"])
def test_modules_that_set_up_starts_exist(name: str) -> None:
    modules = re.findall(r"-m ((?:engine|models|bench|tests)[\w.]*)", (ROOT / name).read_text("utf-8"))
    assert modules
    assert [module for module in modules if importlib.util.find_spec(module) is None] == []


def test_moods_of_ones_own_stand_beside_those_that_came_along(site: Path, home: Path) -> None:
    assert "gymnopedie" in command(site, home, "moods").stdout
    own = home / ".local" / "state" / "ameublement" / "moods"
    own.mkdir(parents=True)
    shutil.copy(site / "presets" / "moods" / "night.yaml", own / "mine.yaml")
    said = command(site, home, "moods")
    assert (said.returncode, "mine" in said.stdout) == (0, True)
    assert "octophonic_ring" in command(site, home, "room", "list").stdout


def test_a_network_of_ones_own_is_found(site: Path, home: Path) -> None:
    own = home / ".local" / "state" / "ameublement" / "weights" / "mine"
    own.parent.mkdir(parents=True)
    shutil.copytree(site / "models" / "weights" / "satie", own)
    assert "mine (early too): performance_rnn" in command(site, home, "models", "list").stdout
    code = "from models.common.weights import weights_path; print(weights_path('mine/early'), weights_path('rolls'))"
    found = [str(own / "early.safetensors"), str(site / "models" / "weights" / "rolls" / "weights.safetensors")]
    assert ask(site, home, "-c", code).stdout.split() == found


def test_check_finds_everything_and_the_version_is_known(site: Path, home: Path) -> None:
    said = command(site, home, "check")
    assert said.returncode == 0, said.stdout + said.stderr
    dependencies = len(SETTINGS["project"]["dependencies"])
    assert f"all {dependencies} there" in said.stdout
    assert "satie" in said.stdout
    textures = len(list((ROOT / "presets" / "textures").glob("*.opus")))
    assert f"{textures} that came along" in said.stdout
    version = ask(site, home, "-c", "from engine.version import VERSION; print(VERSION)").stdout
    assert version.strip() == SETTINGS["project"]["version"]


def test_a_service_starts_the_package(site: Path, home: Path) -> None:
    unit = command(site, home, "install-service", "--print", "--user-unit", "--", "--mood", "night").stdout
    assert "-m engine.cli run --no-window" in unit
    assert "--mood night" in unit
    assert f"WorkingDirectory={site}" in unit
    assert "README" not in unit
