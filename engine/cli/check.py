"""`check`: whether the installation can play here, and what is missing."""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import psutil
import typer
from rich.table import Table
from rich.text import Text

from engine.cli.terminal.printing import plain_console
from engine.errors import AmeublementError, MoodError, RoomError
from engine.files.audio.names import strangers_in
from engine.files.compile_cache import compile_cache
from engine.files.paths import IS_CLONE, PROJECT_FILE, ROOT, WEIGHTS_FOLDER
from engine.files.runtime_folder import NEEDED_BYTES, default_path
from engine.files.state_folder import DEFAULT_PORT, default_state_folder
from engine.hub.midi.listener import why_no_midi
from engine.osc.port import LOOPBACK, OscPort
from engine.parameters.moods import list_moods, load_mood
from engine.room.card_channels import check_card
from engine.room.chosen_room import kept_room
from engine.room.pd_process import find_pd, has_screen, pd_version
from engine.room.presets import load_room
from engine.room.sound_cards import has_sound_card
from engine.sound.textures.files import textures_in
from engine.sound.textures.library import SHIPPED_FOLDER, user_textures
from engine.sound.voices.recordings import recordings
from engine.sound.voices.soundfonts import find_soundfont, recorded_in

Verdict = Literal["good", "note", "bad"]
MARKS: Final = {"good": ("✓", "green"), "note": ("·", "yellow"), "bad": ("✗", "red")}
LITTLE_DISK_BYTES: Final = 500_000_000
LITTLE_MEMORY_BYTES: Final = 700_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """`bad` means it could not play; `note` that it plays, but not as it could. `cure` says what to do."""

    verdict: Verdict
    name: str
    what: str
    cure: str = ""


def check(
    soundfont: Annotated[Path | None, typer.Option(help="The SoundFont that `run` will be given.")] = None,
    textures: Annotated[Path | None, typer.Option(help="The texture folder that `run` will be given.")] = None,
    port: Annotated[int, typer.Option(min=1024, max=65531, help="The port that `run` will be given.")] = DEFAULT_PORT,
) -> None:
    """Say what is installed and what is missing; exit status 1 if the installation could not play."""
    findings = list(examine(soundfont, textures or user_textures(), port))
    table = Table.grid(padding=(0, 1))
    for finding in findings:
        mark, colour = MARKS[finding.verdict]
        table.add_row(Text(mark, style=colour), finding.name, Text(finding.what))
        if finding.cure:
            table.add_row("", "", Text(f"→ {finding.cure}", style="bold" if finding.verdict == "bad" else ""))
    console = plain_console()
    console.print(table)
    if any(finding.verdict == "bad" for finding in findings):
        console.print(Text("The installation could not play.", style="red"))
        raise typer.Exit(1)
    console.print(Text("The installation can play.", style="green"))


def examine(soundfont: Path | None, textures: Path, port: int) -> Iterator[Finding]:
    """Everything that playing needs, in the order in which it is needed."""
    yield _python()
    yield _packages()
    yield from _pure_data()
    yield _midi()
    yield _screen()
    yield _soundfont(soundfont)
    yield from _recorded_instruments(soundfont)
    yield _fluidsynth()
    yield _weights(WEIGHTS_FOLDER)
    yield from _moods()
    yield from _textures(textures)
    yield _room(port)
    yield _ports(port)
    yield from _space()
    yield _compiled()


def _python() -> Finding:
    return Finding("good", "Python", f"{platform.python_version()}, {sys.executable}")


def _packages() -> Finding:
    names = [re.split(r"[<>=!~\[; ]", line, maxsplit=1)[0] for line in _requirements()]
    missing = [name for name in names if not _installed(name)]
    if missing:
        return Finding("bad", "Python packages", f"missing: {', '.join(missing)}", "run `make setup`")
    return Finding("good", "Python packages", f"all {len(names)} there")


def _requirements() -> list[str]:
    """What `pyproject.toml` asks for, or what the installed package says that it asked for."""
    if IS_CLONE:
        project: dict[str, list[str]] = tomllib.loads(PROJECT_FILE.read_text("utf-8"))["project"]
        return project["dependencies"]
    return [line for line in importlib.metadata.requires("ameublement") or () if "extra ==" not in line]


def _installed(name: str) -> bool:
    try:
        return bool(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False


def _pure_data() -> Iterator[Finding]:
    try:
        pd = find_pd()
    except AmeublementError as error:
        yield Finding("bad", "Pure Data", str(error), "run `make setup`, or install puredata-core and puredata-gui")
        return
    yield Finding("good", "Pure Data", f"{'.'.join(map(str, pd_version(pd)))}, {pd}")
    devices = [line for line in _output([str(pd), "-nogui", "-listdev", "-send", "pd quit"]).splitlines() if line]
    if has_sound_card():
        outputs = "; ".join(line.strip() for line in _section(devices, "audio output devices"))
        yield Finding("good", "sound card", outputs or "there")
    else:
        yield Finding(
            "note", "sound card", "none: it plays in real time into nothing", "`--record FILE.wav` keeps what is played"
        )


def _section(lines: list[str], heading: str) -> Iterator[str]:
    """The lines after `heading:` that belong to it: Pd lists devices as `1. name`."""
    inside = False
    for line in lines:
        if re.match(r"\s*\d+\.", line):
            if inside:
                yield line
        else:
            inside = line.startswith(heading)


def _output(command: list[str]) -> str:
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not answer ({error})"
    return result.stdout + result.stderr or "no answer"


def _screen() -> Finding:
    if has_screen():
        return Finding("good", "screen", "there: the control surface opens with `run`")
    return Finding("note", "screen", "none: no control surface here", "OSC and the terminal work all the same")


def _midi() -> Finding:
    if why_not := why_no_midi():
        return Finding("note", "MIDI", f"{why_not}: no knobs and keys here", "they may be at a laptop with the surface")
    return Finding("good", "MIDI", "knobs and keys are listened to")


def _soundfont(named: Path | None) -> Finding:
    try:
        path = find_soundfont(named)
    except AmeublementError as error:
        return Finding("bad", "SoundFont", str(error), "name another file, or none")
    if path is None:
        return Finding(
            "note",
            "SoundFont",
            "none: simple built-in voices play instead",
            "run `make setup`, install fluid-soundfont-gm, or name a file with --soundfont",
        )
    return Finding("good", "SoundFont", str(path))


def _recorded_instruments(named: Path | None) -> Iterator[Finding]:
    """Which of them play, or why one does not."""
    try:
        soundfont = find_soundfont(named)
        playing = recorded_in(soundfont) if soundfont else {}
        for instrument in playing.values():
            recordings(instrument.recordings)
    except AmeublementError as error:
        yield Finding("note", "instruments", str(error), "restore presets/instruments; a SoundFont plays meanwhile")
        return
    if playing:
        yield Finding("good", "instruments", f"recorded: {', '.join(playing)}; all others from the SoundFont")


def _fluidsynth() -> Finding:
    library = ctypes.util.find_library("fluidsynth")
    if library is None:
        return Finding(
            "note",
            "FluidSynth",
            "library not found: simple built-in voices play instead",
            "run `make setup`, or install libfluidsynth3",
        )
    return Finding("good", "FluidSynth", library)


def _weights(folder: Path) -> Finding:
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        return Finding("note", "weights", f"none in {folder}: phrases are made by rules", "restore them or run `train`")
    sizes: Counter[str] = Counter()
    for path in files:
        sizes[path.relative_to(folder).parts[0]] += path.stat().st_size
    return Finding("good", "weights", ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in sizes.items()))


def _moods() -> Iterator[Finding]:
    good: list[str] = []
    for name in list_moods():
        try:
            load_mood(name)
            good.append(name)
        except MoodError as error:
            yield Finding("note", "mood", str(error), "mend or remove the file")
    if good:
        yield Finding("good", "moods", ", ".join(good))
    else:
        yield Finding("bad", "moods", "not one that works", "restore presets/moods")


def _textures(folder: Path) -> Iterator[Finding]:
    own, shipped = (len(textures_in([place])) for place in (folder, SHIPPED_FOLDER))
    for path, why in strangers_in(folder):
        yield Finding("note", "textures", f"{path}: {why}", "it is not in the music")
    if own + shipped == 0:
        yield Finding("note", "textures", f"none in {folder}", "put audio files there to have them in the music")
    else:
        yield Finding("good", "textures", f"{own} in {folder}, {shipped} that came along")


def _room(port: int) -> Finding:
    name = kept_room(default_state_folder(port))
    if name is None:
        return Finding("good", "room", "two loudspeakers; `room list` has others")
    try:
        preset = load_room(name)
        check_card(preset, None)
    except RoomError as error:
        return Finding("note", "room", str(error), "`run --room NAME` chooses another")
    count = len(preset.loudspeakers.speakers) if preset.loudspeakers else 2
    return Finding("good", "room", f"{name} ({count} loudspeaker{'s' if count > 1 else ''}), kept from `run --room`")


def _ports(port: int) -> Finding:
    try:
        for number in range(port, port + 3):
            OscPort(LOOPBACK, number).close()
    except AmeublementError as error:
        return Finding("note", "ports", str(error))
    return Finding("good", "ports", f"UDP {port} to {port + 2} are free")


def _space() -> Iterator[Finding]:
    runtime = default_path()
    yield _enough("runtime folder", runtime.parent, NEEDED_BYTES, f"{runtime}: ", "bad")
    yield _enough("disk", ROOT, LITTLE_DISK_BYTES, "", "note")
    free = psutil.virtual_memory().available
    verdict: Verdict = "good" if free > LITTLE_MEMORY_BYTES else "note"
    yield Finding(verdict, "memory", f"{free / 1e9:.1f} GB free", "" if verdict == "good" else "close other programs")


def _compiled() -> Finding:
    folder = compile_cache()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(
            "bad",
            "compiled loops",
            f"{folder}: {error.strerror}",
            "name a folder that can be written in NUMBA_CACHE_DIR",
        )
    return Finding("good", "compiled loops", f"kept in {folder}" if folder != ROOT else "kept beside the code")


def _enough(name: str, folder: Path, needed_bytes: int, prefix: str, otherwise: Verdict) -> Finding:
    free = shutil.disk_usage(folder).free
    what = f"{prefix}{free / 1e9:.1f} GB free"
    if free > needed_bytes:
        return Finding("good", name, what)
    return Finding(otherwise, name, what, f"free at least {needed_bytes / 1e6:.0f} MB there")
