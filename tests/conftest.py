"""What every test may rely on."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from engine.files.state_folder import STATE_VARIABLE

TOGETHER = ("engine/album",)
"""Folders whose tests share what is made once for all of them, so that one worker runs them."""

LONG = (*TOGETHER, "test_processors.py")
"""What takes longest begins, so that no worker is left with it at the end."""

STARTS_PROCESSES = ("test_installation.py", "/renderer/test_renderer.py", "/hub/test_hub_process.py", "/supervision/")
"""Of the parallel pass: processes in sessions of their own, which do not stand back as far as the pass itself does.
They come when most of real time is over. They wait half of the time, so one worker runs them all, beside others that
have something to compute."""

COMPUTES = ("/models/", "/pd/", "/scripts/", "/fuzz/", "/cli/networks/")
"""What those others have left then: a fifth of a processor's work that hardly ever waits. By then `test_processors` has
compiled the loops that networks draw with, and nobody else does so beside it."""

REELS_COUNT = (
    "/test_installation.py::test_a_while_in_peace",
    "/faults/",
    "/soak/",
    "/test_replay.py",
    "/test_visitor.py",
)
"""Of real time: a reel that comes late fails them."""

# How long an example takes depends on what else the machine does, so no time is a failure.
settings.register_profile("anywhere", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples in every run, so that a change is judged and not the day's luck.
settings.register_profile("ci", settings.get_profile("anywhere"), derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "anywhere")


class ByFile(LoadScopeScheduling):
    """Several workers share the files between them: what a module has prepared serves all its tests."""

    def _split_scope(self, nodeid: str) -> str:
        if self.config.getoption("markexpr") == "realtime":
            return _realtime_group(nodeid)
        file = nodeid.partition("::")[0]
        if any(part in file for part in STARTS_PROCESSES):
            return "starts processes"
        return next((folder for folder in TOGETHER if f"/{folder}/" in file), file)


def _realtime_group(nodeid: str) -> str:
    """Where reels are counted nothing runs beside but the surface, a bare Pd, and what stands back.

    Beside what renders, a room that has just started had a reel come late. Installations whose tests allow for that
    come last, one to each worker.
    """
    if any(part in nodeid for part in REELS_COUNT):
        return "reels count"
    waits = "/pd/" in nodeid or ("/engine/" in nodeid and "/engine/renderer/" not in nodeid)
    return "beside" if waits else nodeid


def _rank(nodeid: str, is_real_time: bool) -> int:
    """Tests of the lowest rank begin."""
    if is_real_time:
        group = _realtime_group(nodeid)
        return ("reels count", "beside", nodeid).index(group)
    if any(part in nodeid for part in LONG):
        return 0
    if any(part in nodeid for part in STARTS_PROCESSES):
        return 2
    return 3 if any(part in nodeid for part in COMPUTES) else 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`python -m tests` looks for files in which the mark stands; a test that has it by another way would never run."""
    is_real_time = config.getoption("markexpr") == "realtime"
    items.sort(key=lambda item: _rank(item.nodeid, is_real_time))
    marked = {item.path for item in items if item.get_closest_marker("realtime")}
    hidden = [path.name for path in sorted(marked) if "mark.realtime" not in path.read_text("utf-8")]
    if hidden:
        raise pytest.UsageError(f"{', '.join(hidden)}: write the mark as pytest.mark.realtime")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests and a dozen libraries stay to the end: garbage is not looked for among them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return ByFile(config, log)  # type: ignore[arg-type]


@pytest.fixture(autouse=True, scope="session")
def _hears_ctrl_c() -> None:
    """A shell has its background commands ignore Ctrl-C, and so would the tests that are stopped by it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test writes into the journal of whoever runs it."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(autouse=True, scope="module")
def _garbage_of_one_file() -> Iterator[None]:
    """What is left after a file is looked through once and not again: libraries stay, and so does what they made."""
    yield
    gc.collect()
    gc.freeze()


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
