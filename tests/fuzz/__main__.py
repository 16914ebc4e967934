"""`python -m tests.fuzz --inputs 1000000`: damaged files for every reader, in processes that may not eat the machine.

Where atheris is installed (`pip install atheris`), half of the MIDI inputs are its own: it keeps what reaches new code.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import signal
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.damage import damaged
from tests.fuzz.guided import guided
from tests.fuzz.targets import TARGETS, feed

MOST_BYTES = 4_000_000_000
LONGEST_S = 20
PER_PROCESS = 20_000
SHARES = {"MIDI for training": 30, "MIDI of ours": 10, "texture": 12, "audio for training": 12, "hold loop": 6}
"""Weights of the readers; the others have 5 each."""


def work(name: str, first: int, count: int, results: multiprocessing.Queue[tuple[str, int, int, float, str]]) -> None:
    """Feed one reader; a hang or a lack of memory ends this process only, and is told."""
    target = next(target for target in TARGETS if target.name == name)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    signal.signal(signal.SIGALRM, _too_long)
    seeds = target.seeds()
    longest_s = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"input{target.suffix}"
        number = first
        try:
            for number in range(first, first + count):
                begin_s = time.monotonic()
                signal.alarm(LONGEST_S)
                feed(target, path, damaged(seeds[number % len(seeds)], number))
                signal.alarm(0)
                longest_s = max(longest_s, time.monotonic() - begin_s)
        except BaseException as error:
            signal.alarm(0)
            results.put((name, number, number - first, longest_s, f"{type(error).__name__}: {error}"))
            return
    results.put((name, first, count, longest_s, ""))


def _too_long(*_: object) -> None:
    raise TimeoutError(f"longer than {LONGEST_S} s")


def run(inputs: int) -> dict[str, object]:
    """How many inputs each reader took, the longest any took, and what went wrong."""
    weights = {target.name: SHARES.get(target.name, 5) for target in TARGETS}
    taken = dict.fromkeys(weights, 0)
    problems: list[str] = []
    longest_s = 0.0
    results: multiprocessing.Queue[tuple[str, int, int, float, str]] = multiprocessing.Queue()
    for name, weight in weights.items():
        wanted = inputs * weight // sum(weights.values())
        while taken[name] < wanted and len(problems) < 20:
            first, count = taken[name], min(PER_PROCESS, wanted - taken[name])
            process = multiprocessing.Process(target=work, args=(name, first, count, results))
            process.start()
            process.join()
            if process.exitcode:
                problems.append(
                    f"{name}: the process ended with {process.exitcode} in inputs {first} to {first + count}"
                )
                taken[name] += count
                continue
            _, number, done, took_s, why = results.get()
            longest_s = max(longest_s, took_s)
            taken[name] += done + bool(why)
            if why:
                problems.append(f"{name}, input {number}: {why}")
        print(f"{name}: {taken[name]} inputs", flush=True)
    return {"inputs": taken, "longest_s": round(longest_s, 2), "problems": problems}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found = run(options.inputs)
    if find_spec("atheris"):
        found["guided"] = guided(options.inputs // 4)
    text = json.dumps(found, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text, "utf-8")
    raise SystemExit(1 if found["problems"] else 0)


if __name__ == "__main__":
    main()
