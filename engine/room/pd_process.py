"""Starts Pure Data: finds it, checks its age, and builds the command lines of the room and of the surface.

No audio passes through Python; everything that sounds is in `pd_patches/`. The command lines follow Pd's own
manual (`pd -help`, chapter 3 of its HTML documentation).
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from engine.errors import RoomError
from engine.files.paths import PATCHES_FOLDER
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import HOLD_S

ROOM_FOLDER: Final = PATCHES_FOLDER / "room"
LIBRARY_FOLDER: Final = PATCHES_FOLDER / "lib"

STEREO: Final = ROOM_FOLDER / "stereo.pd"
ROOM: Final = PATCHES_FOLDER / "room.pd"
ROOM_TEST: Final = PATCHES_FOLDER / "room-test.pd"
SURFACE: Final = PATCHES_FOLDER / "surface.pd"
STEREO_ROOM: Final = (STEREO, ROOM)
"""What takes the mix is opened first, for Pd computes first the patch that was opened last."""

SEARCH_PATH: Final = tuple(word for folder in (ROOM_FOLDER, LIBRARY_FOLDER) for word in ("-path", str(folder)))
"""Options for a Pd that opens a patch from elsewhere, such as `loudspeakers.pd`; the patches here declare their own."""

OLDEST_PD: Final = (0, 52)
"""Earlier ones have no `file` object, with which the room looks at a reel before it opens it."""

PATIENCE_S: Final = 6.0
"""How long a new room waits in silence for its first reels before it fades in the hold loop."""

AUDIO_BUFFER_MS: Final = 25
"""What the sound card is ahead of Pd. With the hub's 8 ms and a fader's 10 ms, a mute is heard within 50 ms."""

SPARE_PORT: Final = 3
"""A spare room listens on this port from the base port on."""

INSTRUMENTS_PORT: Final = 4
"""Who plays instruments hears on this port from the base port on which reel begins."""

HIGHEST_BASE_PORT: Final = 65_535 - INSTRUMENTS_PORT
"""The room, the renderer, a spare room and instruments listen on the four ports after the base port."""

_HOW_TO_INSTALL: Final = "install it with `apt install puredata` (Debian, Ubuntu) or from https://puredata.info (macOS)"


@dataclass(frozen=True, slots=True)
class Outlet:
    """The patch that takes what `room.pd` mixes to the loudspeakers, and how many outputs it needs."""

    patch: Path = STEREO
    channels: int = 2
    beside: tuple[Path, ...] = ()
    """Patches that take the sound elsewhere; they are opened as the first one is."""
    inserts: Mapping[str, Path] = field(default_factory=dict)
    """Patches in the way of stems, by stem."""

    @property
    def patches(self) -> list[str]:
        return [str(patch) for patch in (self.patch, *self.beside)]


STEREO_OUTLET: Final = Outlet()


def find_pd() -> Path:
    """The Pure Data program to use. Raises RoomError if there is none, or if it is too old."""
    on_path = shutil.which("pd")
    candidates = [Path(on_path)] if on_path else []
    candidates += sorted(Path("/Applications").glob("Pd*.app/Contents/Resources/bin/pd"), reverse=True)
    if not candidates:
        raise RoomError(f"Pure Data (the program `pd`) was not found; {_HOW_TO_INSTALL}")
    version = pd_version(candidates[0])
    if version < OLDEST_PD:
        wanted, found = (".".join(map(str, v)) for v in (OLDEST_PD, version))
        raise RoomError(f"{candidates[0]} is Pure Data {found}, but {wanted} or newer is needed; {_HOW_TO_INSTALL}")
    return candidates[0]


@cache
def pd_version(pd: Path) -> tuple[int, ...]:
    """What `pd` says it is, for instance (0, 53, 1). Raises RoomError if it cannot be asked."""
    try:
        asked = subprocess.run(
            [pd, "-version"], capture_output=True, text=True, errors="replace", timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RoomError(f"{pd} does not run: {error}; {_HOW_TO_INSTALL}") from error
    said = asked.stdout + asked.stderr
    found = re.search(r"Pd-(\d+)\.(\d+)(?:[.-](\d+))?", said)
    if found is None:
        raise RoomError(f"{pd} does not say that it is Pure Data, but {said.strip()[:80]!r}; {_HOW_TO_INSTALL}")
    return tuple(int(part) for part in found.groups() if part is not None)


def room_command(
    pd: Path,
    port: int,
    hold: Path,
    audio: bool,
    device: str | None = None,
    *,
    patience_s: float = PATIENCE_S,
    outlet: Outlet = STEREO_OUTLET,
    supervisor_port: int = 0,
    hold_s: float = HOLD_S,
) -> list[str]:
    """The command line of the room, which listens on UDP `port` + 1 of this machine and reports to `port`, and to
    `supervisor_port` where it is not 0.

    `hold` is the hold loop (see `engine.reels.hold_loop`); there is room for loops of `hold_s`. Without `audio` the
    room runs in real time into nothing.
    `device` is a name of the sound system (ALSA: `default`, `hw:1`, …); None takes the default one.
    """
    start = f"room-start {port} {round(1000 * patience_s)} {pd_symbol(str(hold.resolve()))} {supervisor_port}"
    return _room_command(pd, port, audio, device, start, outlet, hold_s)


def spare_room_command(
    pd: Path,
    port: int,
    audio: bool,
    device: str | None = None,
    *,
    outlet: Outlet = STEREO_OUTLET,
    supervisor_port: int,
) -> list[str]:
    """The command line of a room that waits on UDP `port` + `SPARE_PORT` until `/room/start` makes it the room.

    It says so to `supervisor_port` once a second.

    It opens the sound card only then, for Pd does so when it begins to compute sound.
    """
    return _room_command(pd, port, audio, device, f"room-wait {supervisor_port} {port + SPARE_PORT}", outlet)


def _room_command(
    pd: Path, port: int, audio: bool, device: str | None, start: str, outlet: Outlet, hold_s: float = HOLD_S
) -> list[str]:
    _check_port(port)
    hold = ["-send", f"hold-most-frames {round(hold_s * SAMPLE_RATE_HZ)}"] if hold_s != HOLD_S else []
    before = [*_inserts(outlet), *hold]
    return [*_pd_that_plays(pd, audio, device, outlet), *before, "-send", start, *outlet.patches, str(ROOM)]


def _inserts(outlet: Outlet) -> list[str]:
    """Before the start: what is opened while sound is computed stays silent."""
    sent: list[str] = []
    for stem, patch in outlet.inserts.items():
        sent += ["-send", f"room-insert {stem} symbol {pd_symbol(str(patch.with_suffix('')))}"]
    return sent


def walk_command(pd: Path, audio: bool, device: str | None, outlet: Outlet, start: str) -> list[str]:
    """The command line of a walk from loudspeaker to loudspeaker; `start` is for `pd_patches/room-test.pd`."""
    return [*_pd_that_plays(pd, audio, device, outlet), "-send", start, str(outlet.patch), str(ROOM), str(ROOM_TEST)]


def _pd_that_plays(pd: Path, audio: bool, device: str | None, outlet: Outlet) -> list[str]:
    return [
        str(pd),
        *("-nogui", "-noprefs", "-nomidi", "-r", str(SAMPLE_RATE_HZ), *SEARCH_PATH),
        *(_sound_options(device, outlet.channels) if audio else ["-nosound", "-nrt"]),
    ]


def has_screen() -> bool:
    """Whether a Pd with a window can open here."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY"))


def surface_command(pd: Path, host: str, port: int, *, midi: bool = False) -> list[str]:
    """The command line of the control surface: a Pd with a window and no sound, for a hub at `host`:`port`.

    With `midi` it also hands on what MIDI devices say that are at the machine of the surface.

    Raises:
        RoomError: `port` is none that a hub can have, or `host` can be no machine's.
    """
    _check_port(port)
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", host):
        raise RoomError(f"{host!r} cannot be the name or address of a machine; give one such as 127.0.0.1")
    start = f"surface-start {pd_symbol(host)} {port}"
    return [
        str(pd),
        *("-noprefs", "-nosound", "-nrt", "-font-face", "DejaVu Sans Mono", "-font-weight", "normal"),
        *_midi_options(midi),
        *("-send", start, str(SURFACE)),
    ]


def _midi_options(midi: bool) -> list[str]:
    """On Linux a port of ALSA's sequencer, to which devices are connected (`aconnect`); elsewhere the first device."""
    if not midi:
        return ["-nomidi"]
    return ["-alsamidi", "-nomidiout"] if sys.platform.startswith("linux") else ["-nomidiout"]


def pd_symbol(text: str) -> str:
    """`text` as Pd reads it in a message: what would split or replace it is escaped."""
    return re.sub(r"([\\ ,;$])", r"\\\1", text)


def _sound_options(device: str | None, channels: int) -> list[str]:
    options = ["-noadc", "-outchannels", str(channels), "-audiobuf", str(AUDIO_BUFFER_MS)]
    if sys.platform.startswith("linux"):
        # Through a named ALSA device rather than a card's number: `default` also reaches PipeWire and PulseAudio.
        name = device or "default"
        options += ["-alsa", "-alsaadd", name, "-audioaddoutdev", name]
        # Pd's watchdog comes with -rt; without the right to real-time priority both would only complain.
        allowed = os.geteuid() != 0 and resource.getrlimit(resource.RLIMIT_RTPRIO)[0] != 0
        return [*options, "-rt" if allowed else "-nrt"]
    return [*options, *(["-audioaddoutdev", device] if device else [])]


def _check_port(port: int) -> None:
    if not 1024 <= port <= HIGHEST_BASE_PORT:
        raise RoomError(f"base port {port}: expected 1024 to {HIGHEST_BASE_PORT}; four more ports after it are used")
