"""What Pd takes of one core for the room: two loudspeakers, and eight with every stem placed and wandering.

In batch mode, as fast as it computes; processor time of the process, so that what else runs matters less.
"""

from __future__ import annotations

import resource
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from bench.measurement import Measurement
from engine.parameters.stems import SAMPLE_RATE_HZ, STEMS
from engine.room.pd_process import SEARCH_PATH, STEREO_ROOM, find_pd, pd_symbol
from engine.room.presets import load_room, outlet_of

LENGTH_S: Final = 15.0
MUSIC: Final = 0.05
"""RMS of what is thrown to every strand: the cost of filters would be another one in silence."""


def measure() -> dict[str, Measurement]:
    stereo = stereo_cores()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = _cores(folder, [])
        outlet = outlet_of(load_room("octophonic_ring"), folder)
        eight = _cores(folder, [str(outlet.patch), str(STEREO_ROOM[1])])
    return {
        "room_stereo_cores": Measurement(stereo, "cores", bare, "a Pd that throws noise"),
        "room_octophonic_cores": Measurement(eight, "cores", stereo, "with two loudspeakers", at_most=6.0),
    }


@cache
def stereo_cores() -> float:
    """What Pd takes of a core for two loudspeakers."""
    with tempfile.TemporaryDirectory() as folder:
        return _cores(Path(folder), [str(path) for path in STEREO_ROOM])


def _cores(folder: Path, patches: list[str]) -> float:
    """Seconds of processor time for each second of sound, without what opening the patches takes."""
    return (_seconds(folder, patches, LENGTH_S) - _seconds(folder, patches, 0.1)) / (LENGTH_S - 0.1)


def _seconds(folder: Path, patches: list[str], length_s: float) -> float:
    sounds, script = folder / "sounds.pd", folder / "script.txt"
    sounds.write_text(_noise(script), "utf-8")
    wander = [f"room-stem {stem} wander_deg 90" for stem in STEMS]
    start = [f"room-start 47310 1000 {pd_symbol(str(folder / 'none.wav'))}", *wander]
    script.write_text("".join(f"0 {line};\n" for line in start) + f"{1000 * length_s:g} pd quit;\n", "utf-8")
    command = [str(find_pd()), "-batch", "-nosound", "-noprefs", "-nrt", "-r", str(SAMPLE_RATE_HZ)]
    command += [*SEARCH_PATH, *patches, str(sounds)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _noise(script: Path) -> str:
    """A patch that throws noise where reels throw their stems, and plays the script."""
    boxes = ["obj 30 30 noise~", f"obj 30 60 *~ {MUSIC * 3**0.5:.4f}"]
    boxes += [f"obj 30 90 throw~ strand-{stem}-{side}" for stem in STEMS for side in "lr"]
    throws = len(boxes)
    boxes += ["obj 300 30 loadbang", f"msg 300 60 read {pd_symbol(str(script))} \\, bang", "obj 300 90 qlist"]
    cords = [(0, 1), *((1, n) for n in range(2, throws)), (throws, throws + 1), (throws + 1, throws + 2)]
    lines = ["#N canvas 0 0 600 400 12", *(f"#X {box}" for box in boxes)]
    return ";\n".join([*lines, *(f"#X connect {one} 0 {other} 0" for one, other in cords)]) + ";\n"
