"""What all processes of the installation take of memory together: of all of it, and in the small profile.

Once a second the proportional set sizes of all processes are added up (proc_pid_smaps(5)), so that what they share
counts once. It takes three minutes, and is measured when it is asked for: `make bench ARGS=memory`. So is a first run
in the small profile, in which loops have yet to be compiled: `make bench ARGS=memory_first_run`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from bench.installation import command
from bench.measurement import Measurement
from engine.files.paths import ROOT
from engine.supervision.summary import proportional_bytes

MINUTES: Final = 1.25
"""Until each has played, hold loops have been made, and another performer has been read: in twice the time it was not
more."""
FIRST_MINUTES: Final = 2.5
"""In which loops are compiled, too."""
EVERY_S: Final = 1.0
ASKED_MB: Final = 600.0
ASKED_SMALL_MB: Final = 350.0


def measure() -> dict[str, Measurement]:
    # Whatever is compiled while the room plays takes 300 MB of its own, and that is a first run's.
    subprocess.run([sys.executable, "-m", "models.compiling"], check=True, cwd=ROOT)
    whole, small = (totals_mb(option, MINUTES) for option in ("--no-small", "--small"))
    return _rows("memory", whole, ASKED_MB, 1.0) | _rows("memory_small", small, ASKED_SMALL_MB, 1.0)


def measure_first_run() -> dict[str, Measurement]:
    with tempfile.TemporaryDirectory() as cache:
        totals = totals_mb("--small", FIRST_MINUTES, {"NUMBA_CACHE_DIR": cache})
    return _rows("memory_small_first_run", totals, ASKED_SMALL_MB, None)


def _rows(name: str, totals: list[float], asked_mb: float, judged: float | None) -> dict[str, Measurement]:
    return {
        f"{name}_peak_mb": Measurement(max(totals), "MB", asked_mb, "asked for", at_most=judged),
        f"{name}_median_mb": Measurement(statistics.median(totals), "MB", asked_mb, "asked for"),
    }


def totals_mb(option: str, minutes: float, variables: Mapping[str, str] | None = None) -> list[float]:
    """Of all processes of one run, once a second."""
    totals: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        words = [*command(Path(folder), minutes), option]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, env={**os.environ, **(variables or {})}) as run:
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
