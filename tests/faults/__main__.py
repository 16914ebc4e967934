"""`python -m tests.faults`: every fault of the table, measured, into `docs/faults.md`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from tests.faults.report import markdown
from tests.faults.stage import Fault, Outcome, play
from tests.faults.table import FAULTS
from tests.installation import ROOT


def play_all(folder: Path, faults: list[Fault]) -> list[Outcome]:
    """All outcomes, in the order of the table; faults without preparations share one installation."""
    shared = [fault for fault in faults if not fault.prepare]
    outcomes = play(folder / "shared", shared) if shared else []
    for number, fault in enumerate(fault for fault in faults if fault.prepare):
        print(fault.name, flush=True)
        outcomes += play(folder / f"own-{number}", [fault])
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="faults whose name holds this")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "faults.md")
    parser.add_argument("--keep", type=Path, help="keep recordings and logs in this folder")
    options = parser.parse_args()
    faults = [fault for fault in FAULTS if options.only in fault.name]
    folder = options.keep or Path(tempfile.mkdtemp(prefix="ameublement-faults-"))
    try:
        outcomes = play_all(folder, faults)
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    text = markdown(outcomes)
    print(text)
    if not options.only:
        options.out.write_text(text, "utf-8")
    problems = [f"{one.fault.name}: {problem}" for one in outcomes for problem in one.problems]
    sys.exit("\n".join(problems) if problems else 0)


if __name__ == "__main__":
    main()
