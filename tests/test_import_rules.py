"""Which library may be imported where; the order of the rooms is in pyproject.toml, checked by import-linter.

pyo takes Python's lock for every buffer, and torch is slow to start and large. So pyo stays where layers are built,
torch with the networks, and the supervisor does without either.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("engine", "models")
SOURCES = [ROOT / "run_installation.py", *(path for name in FOLDERS for path in sorted((ROOT / name).rglob("*.py")))]
ALLOWED = {
    "torch": ("models/",),
    "pyo": ("engine/sound/layers/",),
    "pyo64": ("engine/sound/layers/",),
}
HEAVY = ("torch", "pyo", "pyo64", "numba", "scipy", "matplotlib", "fluidsynth")


@cache
def imported(path: Path) -> frozenset[str]:
    """Top-level names of everything a file imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return frozenset(names)


def said_by(code: str) -> str:
    """What a fresh Python prints when it runs this."""
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


WAITS = {
    "engine.sampler.process": ("numba", "llvmlite", "scipy"),
    "engine.hub.oscquery.front_door": ("uvicorn", "starlette", "asyncio", "numpy", "segno"),
}
"""Loaded when loops have been compiled, and when somebody connects."""


@pytest.mark.parametrize("library", ALLOWED)
def test_a_library_stays_in_its_folder(library: str) -> None:
    users = [str(path.relative_to(ROOT)) for path in SOURCES if library in imported(path)]
    assert [user for user in users if not user.startswith(ALLOWED[library])] == []


@pytest.mark.parametrize("module", ["engine.supervision.supervisor", "engine.cli.run", "engine.cli.app"])
def test_the_supervisor_starts_light(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & set({HEAVY!r})))"
    assert said_by(code) == ""


def test_the_sampler_draws_without_torch() -> None:
    code = "import sys, engine.sampler.sampler; print(*({'torch', 'pyo', 'pyo64'} & set(sys.modules)))"
    assert said_by(code) == ""


def test_the_sampler_and_the_web_process_begin_without_what_they_may_not_need() -> None:
    for module, libraries in WAITS.items():
        code = f"import sys, {module}; print(*sorted(set(sys.modules) & set({libraries!r})))"
        assert said_by(code) == ""
