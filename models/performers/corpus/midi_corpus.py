"""Reads a folder of anybody's MIDI as piano performances; what cannot be read is reported and skipped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import MidiError
from engine.files.walking import files_below
from engine.music.midi.reading import SUFFIXES, read_performance
from engine.music.notes import Phrase

_SCORES: Final = (".mxl", ".musicxml", ".mscz", ".mscx", ".xmf", ".abc", ".krn", ".gp5", ".zip", ".gz")
"""Music that is no MIDI, and packed folders: named rather than passed over."""


@dataclass(frozen=True)
class Performance:
    """One file's playing; `phrase` may last an hour. `remarks` say what of the file was lost."""

    name: str
    phrase: Phrase
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """A file that could not be used, and why."""

    path: Path
    why: str


def read_corpus(folder: Path) -> tuple[list[Performance], list[Skipped]]:
    """All performances below `folder`, in order of their names, and the files that were skipped.

    Raises:
        MidiError: no such folder, or nothing in it can be used.
    """
    if not folder.is_dir():
        raise MidiError(f"{folder}: no such folder; expected a folder with .mid files")
    performances: list[Performance] = []
    skipped: list[Skipped] = []
    for path in files_below(folder, lambda path, why: skipped.append(Skipped(path, why))):
        if path.suffix.lower() in _SCORES:
            skipped.append(Skipped(path, f"{path}: is no MIDI file; unpack it, or export it as MIDI"))
        elif not path.exists():
            skipped.append(Skipped(path, f"{path}: cannot be read: it is a link that leads nowhere"))
        elif path.suffix.lower() in SUFFIXES:
            try:
                contents = read_performance(path)
                performances.append(Performance(str(path.relative_to(folder)), contents.phrase, contents.remarks))
            except MidiError as error:
                skipped.append(Skipped(path, str(error)))
    if not performances:
        found = f"{len(skipped)} files, none usable: {skipped[0].why}" if skipped else "no .mid files"
        raise MidiError(f"{folder}: {found}; expected MIDI files with notes")
    return performances, skipped
