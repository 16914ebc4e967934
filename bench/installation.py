"""Start-up time, processor and memory of the real installation, from the summary of a run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.measurement import Measurement
from engine.files.paths import ROOT

MINUTES = 1.0
PORT = 9400


def run_once(folder: Path, minutes: float) -> dict[str, Any]:
    """The summary of one run without a window, in a runtime folder and on ports of its own."""
    summary = folder / "summary.json"
    command = [
        *(sys.executable, str(ROOT / "run_installation.py"), "run", "--seed", "1", "--no-window"),
        *("--minutes", str(minutes), "--summary", str(summary), "--port", str(PORT), "--runtime", str(folder / "run")),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=minutes * 60 + 60)
    figures: dict[str, Any] = json.loads(summary.read_text("utf-8"))
    return figures


def measure() -> dict[str, Measurement]:
    with tempfile.TemporaryDirectory() as folder:
        run_once(Path(folder), 0.2)  # what is compiled or read for the first time is not what is measured
        figures = run_once(Path(folder), MINUTES)
    first_sound_s = figures["first_sound_s"]
    rows = {
        "first_sound_s": Measurement(first_sound_s if first_sound_s is not None else float("inf"), "s", limit=5.0),
        "cpu_core_fraction": Measurement(figures["cpu_core_fraction"]["total"], "cores", limit=0.5),
        "peak_rss_mb": Measurement(figures["peak_rss_mb"]["total"], "MB"),
        "late_reels": Measurement(figures["late_reels"], "reels", limit=0),
        "longest_silence_s": Measurement(figures["longest_silence_s"], "s", limit=2.0),
    }
    for name, fraction in figures["cpu_core_fraction"].items():
        if name != "total":
            rows[f"cpu_core_fraction_{name}"] = Measurement(fraction, "cores")
            rows[f"peak_rss_mb_{name}"] = Measurement(figures["peak_rss_mb"][name], "MB")
    return rows
