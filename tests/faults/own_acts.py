"""Faults that need an installation of their own: what is prepared before its start, and what is done then."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import Final

import numpy as np
import soundfile

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.voices.soundfonts import find_soundfont
from tests.faults.acts import cut_in_half, fill_with_garbage, kill
from tests.faults.stage import MOOD, Stage

DIES_S: Final = 0.5
DAY_S: Final = 86_400
LADDER_S: Final = 120.0
"""Until a source is heard, at the longest: phrases that were drawn before play first."""


def small_disk(name: str, mb: int) -> Callable[[Stage], Sequence[str]]:
    """A disk of its own for a folder of the stage."""

    def prepare(stage: Stage) -> Sequence[str]:
        (stage.folder / name).mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mb}m", "tmpfs", str(stage.folder / name)], check=True)
        return ()

    return prepare


def fill_disk(name: str) -> Callable[[Stage], None]:
    """And keep it full: each file that is removed there would make room for the next."""

    def act(stage: Stage) -> None:
        ballast = stage.folder / name / "ballast"
        file = ballast.open("wb", buffering=0)

        def fill() -> None:
            with file:
                while ballast.exists():
                    try:
                        file.write(bytes(1 << 16))
                    except OSError:
                        time.sleep(0.01)

        Thread(target=fill, daemon=True).start()

    return act


def free_disk(name: str) -> Callable[[Stage], None]:
    return lambda stage: (stage.folder / name / "ballast").unlink()


def unmount(name: str) -> Callable[[Stage], None]:
    return lambda stage: subprocess.run(["umount", "-l", str(stage.folder / name)], check=True) and None


def without_root(stage: Stage) -> Sequence[str]:
    """Root may write anywhere; the installation is started without that power."""
    if os.geteuid() == 0:
        powers = "-dac_override,-dac_read_search"
        stage.prefix = ("setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}")
    return ()


def lock_folders(mode: int) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        for path in (stage.runtime, *stage.runtime.iterdir()):
            if path.is_dir():
                path.chmod(mode)

    return act


def own_soundfont(stage: Stage) -> Sequence[str]:
    link = stage.folder / "own.sf2"
    found = find_soundfont()
    if found is None:
        raise RuntimeError("this fault needs a SoundFont; `make setup` installs one")
    link.symlink_to(found)
    return ("--soundfont", str(link))


def remove_soundfont(stage: Stage) -> None:
    (stage.folder / "own.sf2").unlink()
    kill("renderer")(stage)


def own_mood(stage: Stage) -> Sequence[str]:
    shutil.copy(MOOD, stage.folder / "mine.yaml")
    return ("--mood", str(stage.folder / "mine.yaml"))


def wreck_mood(stage: Stage) -> None:
    fill_with_garbage(stage.folder / "mine.yaml")
    kill("renderer")(stage)


def own_texture(stage: Stage) -> Sequence[str]:
    (stage.folder / "textures").mkdir()
    layer = "layer:\n  texture_1: {file: pads*, lowpass_hz: 1000}\n"
    (stage.folder / "mine.yaml").write_text(MOOD.read_text().replace("layer:\n", layer))
    time_s = np.arange(20 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    tone = (0.1 * np.sin(2 * np.pi * 220 * time_s)).astype(np.float32)
    soundfile.write(stage.folder / "textures" / "pads-a.wav", np.stack([tone, tone], axis=1), SAMPLE_RATE_HZ)
    return ("--mood", str(stage.folder / "mine.yaml"), "--textures", str(stage.folder / "textures"))


def wreck_texture(stage: Stage) -> None:
    cut_in_half(stage.folder / "textures" / "pads-a.wav")
    fill_with_garbage(stage.folder / "textures" / "pads-a.wav")


def copied(_: Stage) -> Sequence[str]:
    return ()


def wreck_weights(stage: Stage) -> None:
    for path in (stage.project / "models" / "weights").rglob("weights.safetensors"):
        cut_in_half(path)
    kill("sampler")(stage)


def short_phrases(stage: Stage) -> Sequence[str]:
    """Phrases as short as they may be, and none that returns unasked: whoever has to step in is soon heard."""
    text = MOOD.read_text("utf-8").replace("phrase_s: 10", "phrase_s: 6")
    text = text.replace("conductor: {", "conductor: {recall: 0, ")
    (stage.folder / "mine.yaml").write_text(text, "utf-8")
    return ("--mood", str(stage.folder / "mine.yaml"))


def without_weights(stage: Stage) -> None:
    """No network, and nothing left of what it drew but what was heard."""
    for path in (stage.runtime / "phrases").glob("*.json"):
        path.unlink(missing_ok=True)
    wreck_weights(stage)


def down_the_ladder(stage: Stage) -> None:
    """Takes one source of music away after the other, each when the one before it is heard."""
    _until_said(stage, "phrase satie")
    without_weights(stage)
    _until_said(stage, "phrase rule")
    renderer = stage.project / "engine" / "renderer" / "__main__.py"
    whole = renderer.read_text("utf-8")
    renderer.write_text("raise SystemExit('taken away')\n", "utf-8")
    kill("renderer")(stage)
    _until_said(stage, "the hold loop plays")
    renderer.write_text(whole, "utf-8")


def _until_said(stage: Stage, what: str) -> None:
    before = len(stage.run.everything())
    stage.run.until(lambda: what in stage.run.everything()[before:], LADDER_S)


def own_clock(stage: Stage) -> Sequence[str]:
    """The day's time of all its processes can be set; see `clock.c`."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise RuntimeError("this fault needs a C compiler: apt install gcc")
    library = stage.folder / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    offset = stage.folder / "clock-offset"
    offset.write_bytes(struct.pack("q", 0))
    stage.environment |= {"LD_PRELOAD": str(library), "CLOCK_OFFSET_FILE": str(offset)}
    return ()


def set_clock(off_s: int) -> Callable[[Stage], None]:
    """That much after the real one."""

    def act(stage: Stage) -> None:
        with (stage.folder / "clock-offset").open("r+b") as file:  # the same file, for it is mapped
            file.write(struct.pack("q", off_s))

    return act


def service(stage: Stage) -> Sequence[str]:
    """As `install-service` has it: somebody starts it anew when it ends."""
    stage.prefix = (sys.executable, str(Path(__file__).with_name("service_manager.py")))
    return ()


def kill_supervisor(stage: Stage) -> None:
    """The installation that follows does not know who listened to this one."""
    kill("supervisor")(stage)
    time.sleep(DIES_S)
    stage.run.listen()
    stage.run.heard.clear()


BAD_SAMPLER: Final = """
import json, sys, time
from pathlib import Path
from threading import Thread
from engine.osc.messages import Report
from engine.osc.port import OscPort, LOOPBACK
folder = Path(sys.argv[sys.argv.index("--runtime") + 1]) / "phrases"
supervisor = (LOOPBACK, int(sys.argv[sys.argv.index("--supervisor-port") + 1]))
port = OscPort(LOOPBACK, 0)
while True:
    port.send(supervisor, Report.SAMPLER_ALIVE, 0.0)
    try:
        for want in json.loads((folder / "wants.json").read_text()):
            (folder / (want["key"] + ".json")).write_text({text!r})
    except (OSError, ValueError, KeyError):
        pass
    time.sleep(0.2)
"""


def sampler_that_writes(text: str) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        for path in (stage.runtime / "phrases").glob("*.json"):
            path.unlink(missing_ok=True)
        (stage.project / "engine" / "sampler" / "__main__.py").write_text(BAD_SAMPLER.format(text=text))
        kill("sampler")(stage)

    return act


FAKE_PD: Final = """#!/bin/sh
here=$(dirname "$0")/..
case "$*" in *-version*) exec {pd} "$@" ;; esac
if [ -e "$here/crash" ]; then echo "pd: crashed on purpose" >&2; exit 1; fi
if [ -e "$here/rate" ]; then
    for word; do shift; if [ "$word" = 48000 ]; then word=44100; fi; set -- "$@" "$word"; done
fi
exec {pd} "$@"
"""


def fake_pd(stage: Stage) -> Sequence[str]:
    folder = stage.folder / "bin"
    folder.mkdir()
    (folder / "pd").write_text(FAKE_PD.format(pd=shutil.which("pd")))
    (folder / "pd").chmod(0o755)
    stage.environment["PATH"] = f"{folder}:{os.environ['PATH']}"
    return ()


def flag(name: str, on: bool) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        if on:
            (stage.folder / name).touch()
            kill("spare", "room")(stage)
        else:
            (stage.folder / name).unlink()

    return act


def rate_back(stage: Stage) -> None:
    (stage.folder / "rate").unlink()
    kill("spare", "room")(stage)
