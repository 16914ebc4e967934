"""What every test may rely on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from engine.files.state_folder import STATE_VARIABLE

HERE = Path(__file__).parent
TOGETHER = ("engine/album",)
"""Folders whose tests share what is made once for all of them, so that one worker runs them."""

# How long an example takes depends on what else the machine does, so no time is a failure.
settings.register_profile("anywhere", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples in every run, so that a change is judged and not the day's luck.
settings.register_profile("ci", settings.get_profile("anywhere"), derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "anywhere")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Several workers share the files between them: what a module has prepared serves all its tests."""
    for item in items:
        group = _realtime_group(item.path) if item.get_closest_marker("realtime") else _group(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


def _realtime_group(path: Path) -> str:
    """The surface asks little of a machine and is asked much by its own clock, so it runs beside one of the others."""
    return "surface" if path.name == "test_surface.py" else "alone"


def _group(path: Path) -> str:
    name = path.relative_to(HERE).as_posix()
    return next((folder for folder in TOGETHER if name.startswith(f"{folder}/")), name)


@pytest.fixture(autouse=True, scope="session")
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test writes into the journal of whoever runs it."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(autouse=True)
def _state_folder_of_nobody() -> Iterator[None]:
    """`run` names its folder for the processes that it starts; one that is run within a test is over with it."""
    yield
    os.environ.pop(STATE_VARIABLE, None)


@pytest.fixture(autouse=True)
def _ordinary_arithmetic() -> Iterator[None]:
    """Training lets torch flush denormal numbers to zero in its whole process; the next test has them back."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
