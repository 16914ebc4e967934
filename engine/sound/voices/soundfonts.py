"""Which SoundFont plays the voices: one the user names, or the best one the system has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from engine.errors import SoundFontError
from engine.parameters.instruments import GENERAL_MIDI, RecordedInstrument, recorded_instruments

SYSTEM_SOUNDFONTS = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/soundfonts/FluidR3_GM.sf2"),
    Path("/usr/share/sounds/sf3/FluidR3Mono_GM.sf3"),
    Path("/usr/share/sounds/sf3/MuseScore_General.sf3"),
    Path("/usr/share/sounds/sf2/default-GM.sf2"),
    Path("/usr/share/sounds/sf3/default-GM.sf3"),
    Path("/usr/share/soundfonts/default.sf2"),
    Path("/opt/homebrew/share/soundfonts/default.sf2"),
    Path("/usr/local/share/soundfonts/default.sf2"),
    Path("/usr/share/sounds/sf2/TimGM6mb.sf2"),
)
"""Where Debian, Ubuntu, Fedora, Arch and Homebrew put them; best sound first."""

_HEADER_BYTES = 12
_BLOCK_BYTES = 1 << 20


def recorded_in(soundfont: Path) -> dict[str, RecordedInstrument]:
    """The recorded instruments that play beside a SoundFont.

    One that somebody named plays all that it has, the piano too; recorded instruments go before those of the system.
    """
    system = soundfont in SYSTEM_SOUNDFONTS
    return {name: one for name, one in recorded_instruments().items() if system or name not in GENERAL_MIDI}


def check_soundfont(path: Path) -> None:
    """Raise `SoundFontError` unless `path` is readable, begins like a SoundFont (.sf2 or .sf3), and is not all silence.

    Source: SoundFont Technical Specification 2.04, section 4: a RIFF file of form "sfbk".
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
            silent = _is_silent(file)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SoundFontError(f"SoundFont {path}: cannot be read ({reason}); name an .sf2 or .sf3 file") from problem
    if header[:4] != b"RIFF" or header[8:12] != b"sfbk":
        raise SoundFontError(f"SoundFont {path}: not a SoundFont (no RIFF/sfbk header); name an .sf2 or .sf3 file")
    if silent:
        raise SoundFontError(f"SoundFont {path}: all of its samples are silent; fetch it again, or name another")


def list_bytes(file: BinaryIO, name: bytes) -> int:
    """Where a list of this name follows: how many bytes it holds, of which the next that are read are the first.

    0 where there is none.
    """
    file.seek(_HEADER_BYTES)
    while len(header := file.read(12)) == 12:
        size = int.from_bytes(header[4:8], "little")
        if header[:4] == b"LIST" and header[8:12] == name:
            return size - 4
        if size < 4:
            break
        file.seek(size - 4 + size % 2, 1)
    return 0


def _is_silent(file: BinaryIO) -> bool:
    """As of a download that got its length and not its contents."""
    left = list_bytes(file, b"sdta") - len(file.read(8))
    if left <= 0:
        return False
    while block := file.read(min(left, _BLOCK_BYTES)):
        if block.strip(b"\0"):
            return False
        left -= len(block)
    return True


def find_soundfont(named: Path | None = None, candidates: Iterable[Path] = SYSTEM_SOUNDFONTS) -> Path | None:
    """The SoundFont to play with, or None if the system has none.

    `named` is the user's own and wins; if it cannot be used that is an error (`SoundFontError`), not a reason
    to play something else silently. A broken system file is passed over.
    """
    if named is not None:
        check_soundfont(named)
        return named
    for path in candidates:
        try:
            check_soundfont(path)
        except SoundFontError:
            continue
        return path
    return None
