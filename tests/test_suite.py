"""The runner of the suite: what its closing line and its exit status say of two passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import conftest
from tests.__main__ import IN_ORDER, MARK, NO_BYTECODE, Pass, closing_line, exit_status, realtime_files, run_pass

GOOD = Pass("parallel", 0, passed=900, failed=0, skipped=1, length_s=100.0)


def ran(folder: Path, code: str) -> Pass:
    """A real run of pytest on one file with this content."""
    (folder / "none.ini").write_text("[pytest]\n", "utf-8")
    file = folder / "test_it.py"
    file.write_text(code, "utf-8")
    return run_pass("real time", ["-c", str(folder / "none.ini"), "--rootdir", str(folder), str(file)])


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
    assert run_pass("parallel", options).passed == 40
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
    one = run_pass("parallel", own_project(tmp_path))
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


def test_what_takes_longest_begins() -> None:
    names = [
        "tests/engine/a/test_a.py::test_a",
        "tests/test_processors.py::test_b",
        "tests/engine/album/test_c.py::test_d",
    ]
    assert sorted(names, key=lambda one: conftest._rank(one, is_real_time=False)) == [names[1], names[2], names[0]]


def test_modules_are_compiled_once_though_nobody_wanted_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NO_BYTECODE, "1")
    assert ran(tmp_path, "def test_a(): pass\n").passed == 1
    assert list(tmp_path.rglob("*.pyc"))
