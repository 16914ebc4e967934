"""`python -m tests.soak --hours 2`: everything that takes long, and a report of it in one folder.

python -m tests.soak --only hours,quietest --out DIR    parts, one after the other; others later, or beside them
python -m tests.soak --only report --out DIR            the report of what is there, also while a part still runs
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tests.faults.__main__ import play_all
from tests.faults.report import markdown
from tests.faults.table import FAULTS
from tests.fuzz.__main__ import run as fuzz
from tests.installation import ROOT
from tests.soak.flood import flooded
from tests.soak.observe import observe
from tests.soak.quietest import QUIETEST, QUIETEST_HOURS
from tests.soak.render_alone import render_alone
from tests.soak.report import write_report

SIMULATED_HOURS: Final = 72
FLOOD_S: Final = 60.0


def faults(out: Path, _: argparse.Namespace) -> list[str]:
    began_s = time.monotonic()
    outcomes = play_all(out / "faults", list(FAULTS))
    (out / "faults.md").write_text(markdown(outcomes, time.monotonic() - began_s), "utf-8")
    return [f"{one.fault.name}: {problem}" for one in outcomes for problem in one.problems]


def simulation(out: Path, _: argparse.Namespace) -> list[str]:
    simulated = ["tests.soak.simulate", str(out / "simulation.json"), "--hours", str(SIMULATED_HOURS)]
    subprocess.run([sys.executable, "-m", *simulated], check=True, cwd=ROOT)  # it is its memory that is measured
    return []


def rendering(out: Path, options: argparse.Namespace) -> list[str]:
    render_alone(out / "rendering.csv", options.rendered)
    return []


def hours(out: Path, options: argparse.Namespace) -> list[str]:
    observe(out / "hours", options.hours)
    return []


def quietest(out: Path, _: argparse.Namespace) -> list[str]:
    observe(out / "quietest", QUIETEST_HOURS, (QUIETEST,))
    return []


def flooding(out: Path, _: argparse.Namespace) -> list[str]:
    found = flooded(out / "flood", FLOOD_S)
    (out / "flood.json").write_text(json.dumps(asdict(found), indent=1), "utf-8")
    return found.problems


def damaged(out: Path, options: argparse.Namespace) -> list[str]:
    return fuzz(options.inputs, out / "fuzz.json").problems


def report(out: Path, options: argparse.Namespace) -> list[str]:
    print(f"{write_report(out, options.into or out)} tells of it")
    return []


PARTS: Final[Mapping[str, Callable[[Path, argparse.Namespace], list[str]]]] = {
    "faults": faults,
    "simulation": simulation,
    "rendering": rendering,
    "hours": hours,
    "quietest": quietest,
    "flood": flooding,
    "fuzz": damaged,
    "report": report,
}
"""What there is to do, by the names that `--only` takes; each gives what went wrong."""


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := sorted(set(names) - set(PARTS)):
        raise argparse.ArgumentTypeError(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=_names, default=list(PARTS), help=f"of {','.join(PARTS)}; all if not said")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "soak", help="folder for what is found")
    parser.add_argument("--hours", type=float, default=2.0, help="of playing in real time")
    parser.add_argument("--rendered", type=float, default=6.0, help="hours of rendering, faster than real time")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="damaged files for the readers")
    parser.add_argument("--into", type=Path, help="folder for the report, such as docs/soak; --out if not said")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    for name in options.only:
        print(f"{name} …", flush=True)
        problems += PARTS[name](options.out, options)
    sys.exit("\n".join(problems) if problems else 0)


if __name__ == "__main__":
    main()
