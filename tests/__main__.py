"""`python -m tests`: the whole suite in two passes, and one line that sums them up.

First what needs no real time, on all cores. Then what is marked `realtime`, on a machine with nothing else to do:
installations whose reels are counted, one at a time, and beside them the surface, a bare Pd, the journal's clock; then
installations that lose something anyway, two at a time. (Beside the first pass, with a core of its own, an installation
had reels come late.) Arguments go to pytest in both passes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from engine.files.paths import ROOT

TESTS = ROOT / "tests"
MARK = "realtime"
WORKERS = min(8, max(2, os.cpu_count() or 1))
"""Each takes a quarter of a minute to collect the tests, and up to a gigabyte once torch is loaded."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""Workers fill the cores already; threads of each would only wait for one another."""
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""Taken away: hundreds of processes import the same modules, and pytest rewrites every test of both passes."""
IN_ORDER = "--no-loadscope-reorder"
"""File by file, in the order that `tests/conftest.py` gives them."""
ON_EVERY_CORE = ("-n", str(WORKERS), IN_ORDER)
TWO_BESIDE_EACH_OTHER = ("-n", "2", IN_ORDER)


@dataclass(frozen=True)
class Pass:
    """What one run of pytest came to; `status` is its exit status."""

    name: str
    status: int
    passed: int
    failed: int
    skipped: int
    length_s: float

    @property
    def is_good(self) -> bool:
        """Whether it came to an end and nothing failed; finding no tests is no failure of one pass."""
        return self.status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def run_pass(name: str, options: Sequence[str], environment: Mapping[str, str] | None = None) -> Pass:
    """Run pytest with these options and count what it tells."""
    start_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.xml"
        command = [sys.executable, "-m", "pytest", f"--junitxml={told}", *options]
        everything = {**os.environ, **(environment or {})}
        everything.pop(NO_BYTECODE, None)
        status = subprocess.run(command, cwd=ROOT, env=everything, check=False).returncode
        if not told.exists():  # whatever its status: a test may have ended the process
            status = int(pytest.ExitCode.INTERNAL_ERROR)
        tests, failed, skipped = counts(told)
    return Pass(name, status, tests - failed - skipped, failed, skipped, time.monotonic() - start_s)


def counts(told: Path) -> tuple[int, int, int]:
    """(tests, failures and errors, skipped) of a report in JUnit's form; nothing where pytest came to no end."""
    if not told.exists():
        return 0, 0, 0
    suites = ET.parse(told).getroot().iter("testsuite")  # noqa: S314  (pytest has just written it)
    numbers = [[int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")] for suite in suites]
    tests, failures, errors, skipped = (sum(column) for column in zip(*numbers, strict=True))
    return tests, failures + errors, skipped


def closing_line(passes: Sequence[Pass], length_s: float) -> str:
    """One line for both, which took `length_s`: what failed comes first, then how many passed."""
    failed, passed, skipped = (sum(getattr(one, key) for one in passes) for key in ("failed", "passed", "skipped"))
    broken = [one.name for one in passes if not one.is_good and not one.failed]
    words = [f"{failed} failed"] if failed else []
    words += [f"{passed} passed"] + ([f"{skipped} skipped"] if skipped else [])
    words += [f"the {name} pass came to no end" for name in broken]
    times = ", ".join(f"{one.name} {one.length_s:.0f} s" for one in passes)
    return f"{', '.join(words)} in {length_s:.0f} s ({times})"


def exit_status(passes: Sequence[Pass]) -> int:
    """0 where something ran and nothing failed."""
    good = all(one.is_good for one in passes) and any(one.passed for one in passes)
    return 0 if good else 1


def _parallel(arguments: Sequence[str]) -> tuple[str, list[str], dict[str, str]]:
    return "parallel", [*ON_EVERY_CORE, "-m", f"not {MARK}", *arguments], ONE_THREAD


def _real_time(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """To collect all other files takes each worker a quarter of a minute, so pytest is told where such tests are."""
    files = [] if any(Path(one).exists() for one in arguments) else realtime_files()
    return "real time", [*TWO_BESIDE_EACH_OTHER, "-m", MARK, *arguments, *files]


def realtime_files() -> list[str]:
    """Files of tests in which the mark stands, in the order in which pytest finds them."""
    found = (path for path in sorted(TESTS.rglob("test_*.py")) if f"mark.{MARK}" in path.read_text("utf-8"))
    return [path.relative_to(ROOT).as_posix() for path in found]


def main(arguments: Sequence[str]) -> int:
    """Both passes, whatever becomes of the first."""
    start_s = time.monotonic()
    passes = [run_pass(*_parallel(arguments)), run_pass(*_real_time(arguments))]
    print(f"\n{closing_line(passes, time.monotonic() - start_s)}", flush=True)
    return exit_status(passes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
