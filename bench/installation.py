"""Start-up time, processor and memory of the real installation, from the summary of a run.

Beside it stands a renderer by itself: one process that opens what it needs and makes its first reel.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench import graph, room
from bench.measurement import Measurement
from engine.files.paths import ROOT

MINUTES: Final = 0.9
WARM_MINUTES: Final = 0.1
PORT: Final = 9400
MOOD: Final = "gymnopedie"
ALONE: Final = """
import sys, time
begun_s = time.monotonic()
from bench.installation import first_reel
first_reel()
took_s = time.monotonic() - begun_s
from engine.supervision.summary import proportional_bytes
print(took_s, proportional_bytes(None))
"""


class Alone(NamedTuple):
    """Seconds until a lone renderer has its first reel, from its first import on, and its memory then."""

    first_reel_s: float
    memory_mb: float


def measure() -> dict[str, Measurement]:
    with tempfile.TemporaryDirectory() as folder:
        run_once(Path(folder), WARM_MINUTES)  # what is compiled or read for the first time is not what is measured
        alone = _renderer_alone()
        figures = run_once(Path(folder), MINUTES)
    first_s, played = figures["first_sound_s"], figures["reels_played"]
    cores, memory = figures["cpu_core_fraction"], figures["peak_pss_mb"]
    sound = 1.0 / graph.mood_speed(MOOD) + room.stereo_cores()
    renderer = "a renderer by itself"
    first_s = float("inf") if first_s is None else first_s
    rows = {
        "first_sound_s": Measurement(first_s, "s", alone.first_reel_s, f"first reel of {renderer}", at_most=2.0),
        "cpu_core_fraction": Measurement(cores["total"], "cores", sound, "sound path and room alone", at_most=2.5),
        "peak_pss_mb": Measurement(memory["total"], "MB", alone.memory_mb, renderer, at_most=3.5),
        "peak_rss_mb": Measurement(figures["peak_rss_mb"]["total"], "MB", memory["total"], "counted proportionally"),
        "late_reels": Measurement(figures["late_reels"], "reels", played, "reels played", at_most=0.0),
        "longest_silence_s": Measurement(
            figures["longest_silence_s"], "s", figures["length_s"], "length of the run", at_most=0.03
        ),
    }
    for name in cores:
        if name != "total":
            rows[f"cpu_core_fraction_{name}"] = Measurement(cores[name], "cores", cores["total"], "all processes")
            rows[f"peak_pss_mb_{name}"] = Measurement(memory[name], "MB", memory["total"], "all processes")
    return rows


def run_once(folder: Path, minutes: float) -> dict[str, Any]:
    """The summary of one run without a window, in a runtime folder and on ports of its own."""
    subprocess.run(command(folder, minutes), check=True, stdout=subprocess.DEVNULL, timeout=minutes * 60 + 60)
    figures: dict[str, Any] = json.loads(_summary(folder).read_text("utf-8"))
    return figures


def _summary(folder: Path) -> Path:
    return folder / "summary.json"


def command(folder: Path, minutes: float) -> list[str]:
    """The command line of such a run."""
    summary = _summary(folder)
    return [
        *(sys.executable, str(ROOT / "run_installation.py"), "run", "--seed", "1", "--no-window", "--mood", MOOD),
        *("--minutes", str(minutes), "--summary", str(summary), "--port", str(PORT), "--runtime", str(folder / "run")),
        *("--state", str(folder / "state")),
    ]


def first_reel() -> None:
    """Opens what a renderer needs, and makes the first second of sound."""
    from engine.music.conductor.conductor import Conductor
    from engine.parameters.moods import load_mood
    from engine.parameters.stems import SAMPLE_RATE_HZ
    from engine.renderer.studio import Studio
    from engine.sound.layers.manual_server import STEP_FRAMES
    from engine.sound.textures.library import SHIPPED_FOLDER
    from engine.sound.voices.soundfonts import find_soundfont

    mood = load_mood(MOOD)
    conductor = Conductor(1, mood, graph.NoPhrases())
    studio = Studio(conductor, mood, soundfont=find_soundfont(), textures=[SHIPPED_FOLDER], live=True)
    for _ in range(0, SAMPLE_RATE_HZ, STEP_FRAMES):
        studio.render_step()


def _renderer_alone() -> Alone:
    command = [sys.executable, "-c", ALONE]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, timeout=120).stdout
    took_s, memory_bytes = said.split()[-2:]
    return Alone(float(took_s), float(memory_bytes) / 1e6)
