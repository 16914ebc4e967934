"""`python -m tests.soak --hours 2`: everything that takes long, and a report of it in one folder."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from tests.faults.__main__ import play_all
from tests.faults.report import markdown
from tests.faults.table import FAULTS
from tests.fuzz.__main__ import run as fuzz
from tests.installation import ROOT
from tests.soak.observe import observe
from tests.soak.report import write_report

SIMULATED_HOURS = 72


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0, help="of playing in real time")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "soak")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="damaged files for the readers")
    options = parser.parse_args()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    print("faults …", flush=True)
    outcomes = play_all(out / "faults", list(FAULTS))
    (out / "faults.md").write_text(markdown(outcomes), "utf-8")
    print("simulation …", flush=True)
    simulation = out / "simulation.json"
    command = [sys.executable, "-m", "tests.soak.simulate", str(simulation), "--hours", str(SIMULATED_HOURS)]
    subprocess.run(command, check=True, cwd=ROOT)  # in a process of its own, whose memory is what is measured
    print(f"{options.hours:g} hours …", flush=True)
    table = observe(out / "hours", options.hours)
    print("damaged files …", flush=True)
    (out / "fuzz.json").write_text(json.dumps(fuzz(options.inputs), indent=1), "utf-8")
    report = write_report(out, table, simulation, out / "hours" / "out.wav")
    print(f"{report} tells of it")
    problems = [f"{one.fault.name}: {problem}" for one in outcomes for problem in one.problems]
    sys.exit("\n".join(problems) if problems else 0)


if __name__ == "__main__":
    main()
