"""What all processes of the installation take of memory together: of all of it, in the small profile, and in a first
run of that, in which loops have yet to be compiled.

Once a second the proportional set sizes of all processes are added up (proc_pid_smaps(5)), so that what they share
counts once. It takes eight minutes, and is measured when it is asked for: `make bench ARGS=memory`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from bench.installation import command
from bench.measurement import Measurement
from engine.supervision.summary import proportional_bytes

MINUTES: Final = 2.5
"""Until each has played, hold loops have been made, and another performer has been read."""
EVERY_S: Final = 1.0
ASKED_MB: Final = 600.0
ASKED_SMALL_MB: Final = 350.0


def measure() -> dict[str, Measurement]:
    rows: dict[str, Measurement] = {}
    with tempfile.TemporaryDirectory() as folder:
        cold = {"NUMBA_CACHE_DIR": str(Path(folder) / "cache")}
        for name, option, asked_mb, variables in (
            ("memory", "--no-small", ASKED_MB, {}),
            ("memory_small", "--small", ASKED_SMALL_MB, {}),
            ("memory_small_first_run", "--small", ASKED_SMALL_MB, cold),
        ):
            totals = totals_mb(Path(folder), option, variables)
            judged = 1.0 if variables is not cold else None
            rows[f"{name}_peak_mb"] = Measurement(max(totals), "MB", asked_mb, "asked for", at_most=judged)
            rows[f"{name}_median_mb"] = Measurement(statistics.median(totals), "MB", asked_mb, "asked for")
    return rows


def totals_mb(folder: Path, option: str, variables: Mapping[str, str]) -> list[float]:
    """Of all processes of one run, once a second."""
    totals: list[float] = []
    words = [*command(folder, MINUTES), option]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, env={**os.environ, **variables}) as run:
        while run.poll() is None:
            totals.append(_total_bytes(run.pid) / 1e6)
            time.sleep(EVERY_S)
    if run.returncode:
        raise subprocess.CalledProcessError(run.returncode, words)
    return totals


def _total_bytes(pid: int) -> int:
    total = 0
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.Error):
                total += proportional_bytes(process.pid)
    return total
