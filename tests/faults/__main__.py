"""`python -m tests.faults`: every fault of the table, measured, into `docs/faults.md`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults.fault import Fault, Outcome
from tests.faults.report import markdown
from tests.faults.stage import play
from tests.faults.table import FAULTS
from tests.installation import ROOT


class Table:
    """What was measured so far, written anew after each installation: a run that is broken off keeps its rows."""

    def __init__(self, path: Path, faults: list[Fault]) -> None:
        self.path, self.faults, self.began_s = path, faults, time.monotonic()
        self._outcomes: dict[str, Outcome] = {}
        self._lock = threading.Lock()

    @property
    def outcomes(self) -> list[Outcome]:
        """In the order of the table."""
        return [self._outcomes[fault.name] for fault in self.faults if fault.name in self._outcomes]

    def add(self, outcomes: list[Outcome]) -> None:
        with self._lock:
            self._outcomes |= {one.fault.name: one for one in outcomes}
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(self.text(), "utf-8")

    def text(self) -> str:
        return markdown(self.outcomes, time.monotonic() - self.began_s)


def play_all(folder: Path, table: Table) -> None:
    """Fills the table. Faults without preparations share one installation; beside it, those that need one of their own,
    or share one that was prepared for them, have it one after the other."""
    shared, own = ([fault for fault in table.faults if bool(fault.prepare) == apart] for apart in (False, True))
    with ThreadPoolExecutor(2) as pool:
        together = pool.submit(_play, folder / "shared", shared) if shared else None
        apart = pool.submit(_play_apart, folder, own, table)
        if together:
            table.add(together.result())
        apart.result()


def _play_apart(folder: Path, faults: list[Fault], table: Table) -> None:
    for number, group in enumerate(_groups(faults)):
        table.add(_play(folder / f"own-{number}", group))


def _play(folder: Path, group: list[Fault]) -> list[Outcome]:
    try:
        return play(folder, group)
    except Exception as error:  # an installation that does not even play is an outcome, too
        return [Outcome.of_broken(fault, f"{type(error).__name__}: {error}") for fault in group]


def _groups(faults: list[Fault]) -> list[list[Fault]]:
    """Those that have an installation together."""
    groups: list[list[Fault]] = []
    for fault in faults:
        if groups and fault.together and groups[-1][0].together and groups[-1][0].prepare is fault.prepare:
            groups[-1].append(fault)
        else:
            groups.append([fault])
    return groups


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="faults whose name holds one of these, separated by commas")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "faults.md")
    parser.add_argument("--keep", type=Path, help="keep recordings and logs in this folder")
    options = parser.parse_args()
    faults = [fault for fault in FAULTS if any(part in fault.name for part in options.only.split(","))]
    folder = options.keep or Path(tempfile.mkdtemp(prefix="ameublement-faults-"))
    table = Table(ROOT / "build" / "faults.md", faults)
    try:
        play_all(folder, table)
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(table.text())
    if not options.only:
        options.out.write_text(table.text(), "utf-8")
    problems = [f"{one.fault.name}: {problem}" for one in table.outcomes for problem in one.problems]
    sys.exit("\n".join(problems) if problems else 0)


if __name__ == "__main__":
    main()
