"""`python -m tests.faults`: every fault of the table, measured, into `docs/faults.md`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults.fault import Fault, Outcome
from tests.faults.report import markdown
from tests.faults.stage import play
from tests.faults.table import FAULTS
from tests.installation import ROOT


def play_all(folder: Path, faults: list[Fault]) -> list[Outcome]:
    """All outcomes, in the order of the table. Faults without preparations share one installation; beside it, those
    that need one of their own, or share one that was prepared for them, have it one after the other."""
    shared, own = ([fault for fault in faults if bool(fault.prepare) == apart] for apart in (False, True))
    with ThreadPoolExecutor(2) as pool:
        together = pool.submit(play, folder / "shared", shared) if shared else None
        apart = pool.submit(_play_apart, folder, own)
        return [*(together.result() if together else []), *apart.result()]


def _play_apart(folder: Path, faults: list[Fault]) -> list[Outcome]:
    outcomes = []
    for number, group in enumerate(_groups(faults)):
        try:
            outcomes += play(folder / f"own-{number}", group)
        except Exception as error:  # an installation that does not even play is an outcome, too
            outcomes += [Outcome.of_broken(fault, f"{type(error).__name__}: {error}") for fault in group]
    return outcomes


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
    began_s = time.monotonic()
    try:
        outcomes = play_all(folder, faults)
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    text = markdown(outcomes, time.monotonic() - began_s)
    print(text)
    if not options.only:
        options.out.write_text(text, "utf-8")
    problems = [f"{one.fault.name}: {problem}" for one in outcomes for problem in one.problems]
    sys.exit("\n".join(problems) if problems else 0)


if __name__ == "__main__":
    main()
