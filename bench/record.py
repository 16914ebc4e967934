"""`ep_x_realtime`: the shipped record rendered as its listeners would, textures drawn anew, on all cores."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import graph
from bench.measurement import Measurement
from engine.album.plan.plan import load_plan
from engine.files.paths import ROOT

SHEET = ROOT / "presets" / "ep" / "trois_airs.yaml"
SEED = 1917
AT_LEAST = 0.4
"""Of what all cores reach that do nothing but sound, with every layer and effect on."""


def measure() -> dict[str, Measurement]:
    """Everything counts: starting, phrases, textures, sound, mastering, files and sleeve."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "run_installation.py"), "render", str(SHEET), "--seed", str(SEED)]
        nothing_kept = {**os.environ, "XDG_CACHE_HOME": str(Path(folder) / "cache")}
        begin_s = time.perf_counter()
        subprocess.run(
            [*command, "--out", str(Path(folder) / "ep")], check=True, stdout=subprocess.DEVNULL, env=nothing_kept
        )
        took_s = time.perf_counter() - begin_s
    sounding, _ = graph.whole()
    speed, allowed = load_plan(SHEET).length_s / took_s, sounding * (os.cpu_count() or 1)
    return {"ep_x_realtime": Measurement(speed, "× real time", allowed, "the sound path alone", at_least=AT_LEAST)}
