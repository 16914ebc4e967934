"""Which files are sound by their names, and which merely lie there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.files.audio.conversion import INSTALL, has_ffmpeg

SUFFIXES: Final = (
    *(".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".caf", ".w64", ".rf64"),
    *(".au", ".snd"),
)
"""Read by libsndfile."""
CONVERTED_SUFFIXES: Final = (
    *(".m4a", ".m4b", ".m4r", ".mp4", ".m4v", ".mov", ".3gp", ".aac", ".adts", ".ac3", ".eac3", ".dts", ".wma", ".asf"),
    *(".mka", ".mkv", ".webm", ".weba", ".ape", ".wv", ".tta", ".mpc", ".spx", ".amr", ".mp2", ".dsf", ".dff"),
)
"""Read where the program ffmpeg is."""
_COMPANIONS: Final = (".json", ".txt", ".md", ".png", ".jpg", ".jpeg", ".pdf", ".part", ".asd", ".reapeaks")
"""What may lie beside sound without being meant as sound."""


def is_sound(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def is_convertible(path: Path) -> bool:
    return path.suffix.lower() in CONVERTED_SUFFIXES


def is_playable(path: Path) -> bool:
    """Whether a file of this name is read here, by libsndfile or by ffmpeg."""
    return is_sound(path) or (is_convertible(path) and has_ffmpeg())


def is_hidden(path: Path) -> bool:
    """Hidden files are somebody's work in progress, or a computer's own."""
    return path.name.startswith(".")


def strangers_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """What lies in a folder of sounds and is not played, in order of names, with why and what to do."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if is_hidden(path) or path.suffix.lower() in _COMPANIONS or (is_playable(path) and path.is_file()):
            continue
        yield path, _why(path)


def _why(path: Path) -> str:
    if path.is_dir():
        return "a folder, which is not looked into; move its files up"
    if not path.exists():
        return "a link that leads nowhere"
    if is_convertible(path):
        return f"is played where ffmpeg is; {INSTALL}, or write it as WAV or FLAC"
    return f"is no sound that is known; expected {', '.join(SUFFIXES)}"
