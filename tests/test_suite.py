"""The runner of the suite: what its closing line and its exit status say of two passes, and how they run at once."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests import conftest
from tests.__main__ import (
    IN_ORDER,
    MARK,
    NO_BYTECODE,
    Command,
    Pass,
    closing_line,
    exit_status,
    realtime_files,
    run_at_once,
    run_pass,
    running,
)
from tests.standing_back import AUTOGROUP, NICENESS, can_stand_back

GOOD = Pass("parallel", 0, passed=900, failed=0, skipped=1, length_s=100.0)


@pytest.fixture(autouse=True)
def _one_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run of pytest in here loads the one that it needs; all there are take twice the time."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p xdist")


def asked(folder: Path, code: str, name: str = "real time", *, stands_back: bool = False) -> Command:
    """To run one file with this content."""
    folder.mkdir(exist_ok=True)
    (folder / "none.ini").write_text("[pytest]\n", "utf-8")
    file = folder / "test_it.py"
    file.write_text(code, "utf-8")
    options = ["-c", str(folder / "none.ini"), "--rootdir", str(folder), str(file)]
    return Command(name, options, stands_back=stands_back)


def ran(folder: Path, code: str) -> Pass:
    """A real run of pytest on one file with this content."""
    return run_pass(asked(folder, code))


def test_a_run_is_counted(tmp_path: Path) -> None:
    code = "import pytest\ndef test_a(): pass\ndef test_b(): assert 0\n@pytest.mark.skip\ndef test_c(): pass\n"
    one = ran(tmp_path, code + "def test_d(nothing): pass\n")
    assert (one.status, one.passed, one.failed, one.skipped) == (1, 1, 2, 1)
    assert closing_line([GOOD, one], 120.0).startswith("2 failed, 901 passed, 2 skipped in 120 s (")
    assert exit_status([GOOD, one]) == 1


def test_a_run_that_breaks_off_is_no_success(tmp_path: Path) -> None:
    one = ran(tmp_path, "import os\ndef test_a(): pass\ndef test_b(): os._exit(0)\n")
    assert "came to no end" in closing_line([GOOD, one], 120.0)
    assert exit_status([GOOD, one]) == 1


@pytest.mark.parametrize(("found", "status"), [(900, 0), (0, 1)])
def test_a_pass_that_finds_no_tests_is_well_unless_both_do(found: int, status: int) -> None:
    none = Pass("real time", int(pytest.ExitCode.NO_TESTS_COLLECTED), 0, 0, 0, 1.0)
    other = Pass("parallel", 0 if found else none.status, found, 0, 0, 100.0)
    assert exit_status([other, none]) == status


PLACE = """
import os
from pathlib import Path

def test_a():
    group = Path("/proc/self/autogroup")
    group = group.read_text().split()[-1] if group.exists() else ""
    Path({told!r}).write_text(f"{{os.nice(0)}} {{group}}")
    assert {holds}
"""


@pytest.mark.skipif(not can_stand_back(), reason="passes run one after the other here")
def test_one_pass_stands_back_behind_the_other(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = [tmp_path / name for name in ("back.txt", "front.txt")]
    back, front = (
        asked(tmp_path / name, PLACE.format(told=str(file), holds=holds), name, stands_back=name == "back")
        for name, file, holds in zip(("back", "front"), told, (True, False), strict=True)
    )
    found = run_at_once(back, front)
    assert [(one.name, one.status, one.passed, one.failed) for one in found] == [
        ("back", 0, 1, 0),
        ("front", 1, 0, 1),
    ]
    behind, before = (file.read_text("utf-8").split(" ") for file in told)
    assert int(behind[0]) == min(19, os.nice(0) + NICENESS)
    assert int(before[0]) == os.nice(0)
    if AUTOGROUP.exists():
        assert (behind[1], before[1]) == (str(NICENESS), AUTOGROUP.read_text("utf-8").split()[-1])
    said = capfd.readouterr().out
    assert said.index("1 passed") < said.index("1 failed"), "each in one piece"


CLUMSY = """
from pathlib import Path

def test_well(): pass

def test_disturbed():
    been = Path({been!r})
    was_here = been.exists()
    been.touch()
    assert was_here

def test_broken():
    assert {holds}
"""


@pytest.mark.skipif(not can_stand_back(), reason="passes run one after the other here")
@pytest.mark.parametrize("holds", [True, False])
def test_what_fails_beside_the_other_pass_is_run_once_more_alone(tmp_path: Path, holds: bool) -> None:
    """Once: what fails again has failed."""
    code = CLUMSY.format(been=str(tmp_path / "been"), holds=holds)
    back = asked(tmp_path / "back", "def test_a(): pass\n", "back", stands_back=True)
    passes = run_at_once(back, asked(tmp_path / "front", code, "front"))
    assert [(one.name, one.passed, one.failed) for one in passes] == [("back", 1, 0), ("front", 2 + holds, not holds)]
    assert [one.again for one in passes] == [0, 1 if holds else 2]
    assert exit_status(passes) == (not holds)
    assert f"with {passes[1].again} again" in closing_line(passes, 1.0)


@pytest.mark.parametrize("stands_back", [False, can_stand_back()])
def test_who_leaves_early_leaves_nothing_running(tmp_path: Path, stands_back: bool) -> None:
    code = f"import time\ndef test_a():\n    open({str(tmp_path / 'began')!r}, 'w').close()\n    time.sleep(60)\n"
    one = asked(tmp_path, code, stands_back=stands_back)
    with pytest.raises(KeyboardInterrupt), running(one, tmp_path) as process:  # noqa: PT012  (it comes on the way)
        while not (tmp_path / "began").exists():
            assert process.poll() is None
            time.sleep(0.05)
        raise KeyboardInterrupt
    assert process.returncode == pytest.ExitCode.INTERRUPTED


SHARED = """
import os, pytest

@pytest.fixture(scope="module")
def made(worker_id):
    return worker_id

@pytest.mark.parametrize("number", range(20))
def test_one(made, number, worker_id):
    assert made == worker_id
    with open({told!r}, "a") as file:
        print(worker_id, file=file)
"""


def test_the_tests_of_a_file_stay_with_one_worker(tmp_path: Path) -> None:
    """With the hooks of this suite, in two workers: each file's tests are all run by the same one."""
    options = [*own_project(tmp_path), "-n", "2", IN_ORDER]
    told = [tmp_path / name for name in ("one.txt", "other.txt")]
    for file in told:
        code = SHARED.format(told=str(file))
        (tmp_path / f"test_{file.stem}.py").write_text(code, "utf-8")
    assert run_pass(Command("parallel", options)).passed == 40
    workers = [set(file.read_text("utf-8").split()) for file in told]
    assert [len(one) for one in workers] == [1, 1]
    assert workers[0] != workers[1]


def own_project(folder: Path) -> list[str]:
    """Options with which pytest takes `folder` for a project with the hooks of this suite."""
    (folder / "none.ini").write_text(f"[pytest]\nmarkers =\n    {MARK}\n", "utf-8")
    (folder / "conftest.py").write_text(Path(conftest.__file__).read_text("utf-8"), "utf-8")
    return ["-c", str(folder / "none.ini"), "--rootdir", str(folder), str(folder)]


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_mark_that_the_runner_would_not_see_is_an_error(tmp_path: Path, is_seen: bool) -> None:
    """The pass of real time is told the files in which the mark stands; one under another name would never run."""
    marks = "pytest.mark" if is_seen else "pytest.mark; mine = marks"
    name = f"pytest.mark.{MARK}" if is_seen else f"mine.{MARK}"
    (tmp_path / "test_it.py").write_text(f"import pytest\nmarks = {marks}\n@{name}\ndef test_a(): pass\n", "utf-8")
    one = run_pass(Command("parallel", own_project(tmp_path)))
    assert (one.status, one.passed) == ((0, 1) if is_seen else (int(pytest.ExitCode.USAGE_ERROR), 0))


def test_files_of_real_time_are_those_of_the_installation_and_some_more() -> None:
    files = realtime_files()
    assert {"tests/test_installation.py", "tests/pd/test_surface.py"} < set(files)
    assert len(files) < 30


def test_where_reels_are_counted_no_other_installation_plays() -> None:
    """They are one group, which one worker runs, and nothing begins before it that renders."""
    counted = [
        f"tests/{name}" for name in ("test_installation.py::test_a_while_in_peace", "soak/test_flood.py::test_a")
    ]
    light = ["tests/pd/test_surface.py::test_a", "tests/engine/journal/test_writer.py::test_a"]
    others = [
        "tests/test_building.py::test_a",
        "tests/test_building.py::test_b",
        "tests/engine/renderer/test_c.py::test_d",
    ]
    groups = [[conftest._realtime_group(one) for one in some] for some in (counted, light, others)]
    assert [len(set(some)) for some in groups] == [1, 1, 3]
    found = sorted([*others, *light, *counted], key=lambda one: conftest._rank(one, is_real_time=True))
    assert found == [*counted, *light, *others]


def test_what_takes_longest_begins_and_what_waits_for_processes_has_something_to_wait_beside() -> None:
    names = [
        "tests/models/test_g.py::test_g",
        "tests/engine/supervision/test_f.py::test_f",
        "tests/engine/a/test_a.py::test_a",
        "tests/test_processors.py::test_b",
        "tests/engine/album/test_c.py::test_d",
        "tests/test_installation.py::test_e",
    ]
    ranked = sorted(names, key=lambda one: conftest._rank(one, is_real_time=False))
    assert ranked == [names[3], names[4], names[2], names[1], names[5], names[0]]


def test_one_worker_waits_for_processes_while_the_others_compute(tmp_path: Path) -> None:
    """With the hooks of this suite: files that start processes are run by the same one."""
    options = [*own_project(tmp_path), "-n", "2", IN_ORDER]
    told = [tmp_path / f"{name}.txt" for name in ("supervision", "hub", "other")]
    for file, name in zip(
        told, ("engine/supervision/test_a.py", "engine/hub/test_hub_process.py", "engine/test_c.py"), strict=True
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SHARED.format(told=str(file)), "utf-8")
    assert run_pass(Command("parallel", options)).passed == 60
    process, hub, other = (set(file.read_text("utf-8").split()) for file in told)
    assert process == hub
    assert len(process) == 1
    assert other != hub


def test_modules_are_compiled_once_though_nobody_wanted_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NO_BYTECODE, "1")
    assert ran(tmp_path, "def test_a(): pass\n").passed == 1
    assert list(tmp_path.rglob("*.pyc"))
