"""Which SoundFont plays the voices: one the user names, or the best one the system has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.errors import SoundFontError

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


def check_soundfont(path: Path) -> None:
    """Raise `SoundFontError` unless `path` is a readable file that begins like a SoundFont (.sf2 or .sf3).

    Source: SoundFont Technical Specification 2.04, section 4: a RIFF file of form "sfbk".
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SoundFontError(f"SoundFont {path}: cannot be read ({reason}); name an .sf2 or .sf3 file") from problem
    if header[:4] != b"RIFF" or header[8:12] != b"sfbk":
        raise SoundFontError(f"SoundFont {path}: not a SoundFont (no RIFF/sfbk header); name an .sf2 or .sf3 file")


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
