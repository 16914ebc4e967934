"""`python -m tests.fuzz --inputs 1000000`: damaged files for every reader, in processes that may not eat the machine.

With `--out FILE` what was done so far stands in that file, and the same command goes on from there. Where atheris is
installed (`pip install atheris`), a quarter as many MIDI inputs more are its own: it keeps what reaches new code.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import signal
import tempfile
import time
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.fuzz.damage import damaged
from tests.fuzz.guided import guided
from tests.fuzz.targets import TARGETS, feed

MOST_BYTES = 4_000_000_000
LONGEST_S = 20
"""Of processor time: on a machine with much else to do, any input may take longer by the clock."""
PER_PROCESS = 20_000
MOST_PROBLEMS = 20
"""Of one reader, which is then left alone: it has to be mended first."""
SHARES = {"MIDI of anybody's": 60, "MIDI of ours": 20, "texture": 24, "audio for training": 24, "hold loop": 12}
"""Weights of the readers; the others have 5 each."""


@dataclass
class Tally:
    """How many inputs each reader took, the longest any took, the most memory that a process had, what went wrong."""

    inputs: dict[str, int] = field(default_factory=dict)
    longest_s: float = 0.0
    most_mb: float = 0.0
    problems: list[str] = field(default_factory=list)
    guided: dict[str, Any] = field(default_factory=dict)

    def problems_of(self, name: str) -> int:
        return sum(problem.startswith((f"{name}:", f"{name},")) for problem in self.problems)


@dataclass(frozen=True)
class Piece:
    """What one process did: it took `count` inputs, of which the last was wrong where there is a `problem`."""

    count: int
    longest_s: float
    most_mb: float
    problem: str = ""


def work(name: str, first: int, count: int, results: multiprocessing.Queue[Piece]) -> None:
    """Feed one reader; a hang or a lack of memory ends this process only, and is told."""
    target = next(target for target in TARGETS if target.name == name)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    signal.signal(signal.SIGPROF, _too_long)
    _be_quiet()
    os.environ["PATH"] = ""  # ffmpeg would be started for each file that is not what it says, and is not ours
    seeds = target.seeds()
    longest_s, number, problem = 0.0, first, ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"input{target.suffix}"
        try:
            for number in range(first, first + count):
                begin_s = time.process_time()
                signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
                feed(target, path, damaged(seeds[number % len(seeds)], number))
                signal.setitimer(signal.ITIMER_PROF, 0)
                longest_s = max(longest_s, time.process_time() - begin_s)
        except BaseException as error:
            signal.setitimer(signal.ITIMER_PROF, 0)
            problem = f"{name}, input {number}: {type(error).__name__}: {error}"[:500]
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    results.put(Piece(number + 1 - first, longest_s, most_mb, problem))


def _be_quiet() -> None:
    """Decoders in C write what they think of an input, a gigabyte of it in all."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)


def _too_long(*_: object) -> None:
    raise TimeoutError(f"longer than {LONGEST_S} s")


def run(inputs: int, out: Path | None = None, only: str = "") -> Tally:
    """Feed `inputs` in all, without those that the tally in `out` has already; it is kept up to date there.

    `only` is part of the names of the readers that take them, any of several with commas between.
    """
    tally = Tally(**json.loads(out.read_text("utf-8"))) if out and out.is_file() else Tally()
    wanted_names = [t.name for t in TARGETS if not only or any(part in t.name for part in only.split(","))]
    weights = {name: SHARES.get(name, 5) for name in wanted_names}
    for name, weight in weights.items():
        wanted = -(-inputs * weight // sum(weights.values()))
        while tally.inputs.get(name, 0) < wanted and tally.problems_of(name) < MOST_PROBLEMS:
            first = tally.inputs.get(name, 0)
            _take(tally, name, first, min(PER_PROCESS, wanted - first))
            _keep(tally, out)
        print(f"{name}: {tally.inputs.get(name, 0)} inputs", flush=True)
    if not only and find_spec("atheris") and not tally.guided:
        tally.guided = guided(inputs // 4)
        if tally.guided["problem"]:
            tally.problems.append(f"guided: {tally.guided['problem']}")
        _keep(tally, out)
    return tally


def _take(tally: Tally, name: str, first: int, count: int) -> None:
    results: multiprocessing.Queue[Piece] = multiprocessing.Queue()
    process = multiprocessing.Process(target=work, args=(name, first, count, results))
    process.start()
    process.join()
    if process.exitcode:
        tally.problems.append(f"{name}: the process ended with {process.exitcode} in inputs {first} to {first + count}")
        tally.inputs[name] = first + count
        return
    piece = results.get()
    tally.inputs[name] = first + piece.count
    tally.longest_s = round(max(tally.longest_s, piece.longest_s), 2)
    tally.most_mb = round(max(tally.most_mb, piece.most_mb), 1)
    tally.problems += [piece.problem] if piece.problem else []


def _keep(tally: Tally, out: Path | None) -> None:
    if out:
        temporary = out.with_suffix(".part")
        temporary.write_text(json.dumps(asdict(tally), indent=1), "utf-8")
        temporary.replace(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, help="file that says what was done")
    parser.add_argument("--only", default="", help="part of the names of readers, e.g. MIDI,texture")
    options = parser.parse_args()
    tally = run(options.inputs, options.out, options.only)
    print(json.dumps(asdict(tally), indent=1))
    raise SystemExit(1 if tally.problems else 0)


if __name__ == "__main__":
    main()
