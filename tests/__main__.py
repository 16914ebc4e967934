"""`python -m tests`: the whole suite in two passes at once, and one line that sums them up.

What needs no real time runs on all cores and stands back. Beside it, almost as on a machine with nothing else to do,
runs what is marked `realtime`: installations whose reels are counted, one at a time, and beside them the surface, a
bare Pd, the journal's clock; then installations that lose something anyway, two at a time. They wait most of the time,
which the others then have. What fails is run again, once, when nothing runs beside it, and the last line says so: a
clock may have been the reason. It says more of what is wrong then. Where a pass cannot stand back, as on macOS, one
comes after the other, and so it is with `--apart`. All other arguments go to pytest in both passes; what the second
says is shown when both are over.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from engine.files.paths import ROOT
from tests.installation import DRAWN_VARIABLE
from tests.standing_back import can_stand_back, stand_back

TESTS = ROOT / "tests"
MARK = "realtime"
APART = "--apart"
WORKERS = min(8, 1 + max(2, os.cpu_count() or 1))
"""One more than cores: tests that start processes wait for them most of the time. Each worker takes eight seconds of a
processor to collect the tests, and up to a gigabyte once torch is loaded."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""Workers fill the cores already; threads of each would only wait for one another."""
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""Taken away: hundreds of processes import the same modules."""
IN_ORDER = "--no-loadscope-reorder"
"""File by file, in the order that `tests/conftest.py` gives them."""
AS_THEY_ARE = "--assert=plain"
"""pytest rewrites every test so that what fails says more, which takes four seconds of each worker in a fresh clone."""
ON_EVERY_CORE = ("-n", str(WORKERS), IN_ORDER, AS_THEY_ARE)
FAILED_ONES_ALONE = ("-n", "0", "--last-failed", "--last-failed-no-failures=none", "--assert=rewrite")
MOST_AGAIN = 10
"""Where more fail, it was not for want of a processor."""
TWO_BESIDE_EACH_OTHER = ("-n", "2", IN_ORDER)
"""Its few files are rewritten: where a clock was the reason, only the first try can say what was seen."""


@dataclass(frozen=True)
class Pass:
    """What one run of pytest came to; `status` is its exit status."""

    name: str
    status: int
    passed: int
    failed: int
    skipped: int
    length_s: float
    again: int = 0
    """So many failed beside the other pass and were run once more, alone; the other figures are those of the end."""

    @property
    def is_good(self) -> bool:
        """Whether it came to an end and nothing failed; finding no tests is no failure of one pass."""
        return self.status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


@dataclass(frozen=True)
class Command:
    """What one pass asks of pytest."""

    name: str
    options: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    stands_back: bool = False
    """For whatever else runs. It is then the leader of a session of its own."""


@contextmanager
def running(command: Command, folder: Path, to: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """pytest while it runs, its output in the file `to`; who leaves early ends it as Ctrl-C does."""
    words = [sys.executable, "-m", "pytest", f"--junitxml={folder / command.name}.xml", *command.options]
    everything = {**os.environ, **command.environment}
    everything.pop(NO_BYTECODE, None)
    back = stand_back if command.stands_back else None
    with subprocess.Popen(
        words, cwd=ROOT, env=everything, stdout=to, preexec_fn=back, start_new_session=command.stands_back
    ) as process:
        try:
            yield process
        except BaseException:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise


def run_pass(command: Command) -> Pass:
    """Run pytest with these options and count what it tells."""
    start_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        with running(command, Path(folder)) as process:
            process.wait()
        return _pass(command, process.returncode, Path(folder), time.monotonic() - start_s)


def run_at_once(back: Command, front: Command) -> list[Pass]:
    """Both, `back` behind `front`, whose output is shown last; then what failed in either, alone."""
    start_s = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        back, front = (_remembering(one, folder) for one in (back, front))
        with (folder / "said").open("w+b") as said:
            with running(back, folder) as behind:
                with running(front, folder, said.fileno()) as before:
                    before.wait()
                    front_s = time.monotonic() - start_s
                behind.wait()
            back_s = time.monotonic() - start_s
            said.seek(0)
            shutil.copyfileobj(said, sys.stdout.buffer)
            sys.stdout.flush()
        return [
            with_another_try(back, _pass(back, behind.returncode, folder, back_s)),
            with_another_try(front, _pass(front, before.returncode, folder, front_s)),
        ]


def _remembering(command: Command, folder: Path) -> Command:
    """The same with a cache of its own for what failed: two passes would write over each other's."""
    return replace(command, options=[*command.options, "-o", f"cache_dir={folder / command.name} cache"])


def with_another_try(command: Command, first: Pass) -> Pass:
    """`first` as it stands once the few tests that failed in it have been run again, with nothing beside them."""
    if first.status != pytest.ExitCode.TESTS_FAILED or not 0 < first.failed <= MOST_AGAIN:
        return first
    print(f"\n{first.failed} failed in the {first.name} pass and run again, alone", flush=True)
    alone = Command(f"{command.name} again", [*command.options, *FAILED_ONES_ALONE], command.environment)
    again = run_pass(alone)
    if not again.passed + again.failed:
        return first
    return replace(
        first,
        status=again.status,
        passed=first.passed + again.passed,
        failed=again.failed,
        length_s=first.length_s + again.length_s,
        again=again.passed + again.failed,
    )


def _pass(command: Command, status: int, folder: Path, length_s: float) -> Pass:
    told = folder / f"{command.name}.xml"
    if not told.exists():  # whatever its status: a test may have ended the process
        status = int(pytest.ExitCode.INTERNAL_ERROR)
    tests, failed, skipped = counts(told)
    return Pass(command.name, status, tests - failed - skipped, failed, skipped, length_s)


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
    times = ", ".join(
        f"{one.name} {one.length_s:.0f} s" + (f" with {one.again} again" if one.again else "") for one in passes
    )
    return f"{', '.join(words)} in {length_s:.0f} s ({times})"


def exit_status(passes: Sequence[Pass]) -> int:
    """0 where something ran and nothing failed."""
    good = all(one.is_good for one in passes) and any(one.passed for one in passes)
    return 0 if good else 1


def _parallel(arguments: Sequence[str], *, stands_back: bool) -> Command:
    return Command("parallel", [*ON_EVERY_CORE, "-m", f"not {MARK}", *arguments], ONE_THREAD, stands_back)


def _real_time(arguments: Sequence[str]) -> Command:
    """To collect all other files takes each worker a quarter of a minute, so pytest is told where such tests are."""
    files = [] if any(Path(one).exists() for one in arguments) else realtime_files()
    return Command("real time", [*TWO_BESIDE_EACH_OTHER, "-m", MARK, *arguments, *files])


def realtime_files() -> list[str]:
    """Files of tests in which the mark stands, in the order in which pytest finds them."""
    found = (path for path in sorted(TESTS.rglob("test_*.py")) if f"mark.{MARK}" in path.read_text("utf-8"))
    return [path.relative_to(ROOT).as_posix() for path in found]


def main(arguments: Sequence[str]) -> int:
    """Both passes, whatever becomes of either."""
    start_s = time.monotonic()
    at_once = can_stand_back() and APART not in arguments
    arguments = [one for one in arguments if one != APART]
    real_time = _real_time(arguments)
    with tempfile.TemporaryDirectory() as drawn:
        os.environ[DRAWN_VARIABLE] = drawn
        if at_once:
            passes = run_at_once(_parallel(arguments, stands_back=True), real_time)
        else:
            passes = [run_pass(_parallel(arguments, stands_back=False)), run_pass(real_time)]
    print(f"\n{closing_line(passes, time.monotonic() - start_s)}", flush=True)
    return exit_status(passes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
