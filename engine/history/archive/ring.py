"""The ring on disk: what the room heard lately, as FLAC files of ten seconds, of which the oldest go."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.history.archive.heard_files import FILES, HeardFile, lost_frames, read_heard
from engine.parameters.stems import SAMPLE_RATE_HZ

_NAME: Final = re.compile(r"(\d{8})-(\d+)-([a-h])(\d)-(\d+)\.flac")
LONGEST_SILENCE_S: Final = 120.0
"""A longer time without a room is left out, not kept as silence."""
KEEP_FREE_BYTES: Final = 200_000_000
"""The ring takes no disk's last space."""


@dataclass(frozen=True, slots=True)
class RingFile:
    path: Path
    order: int
    end_s: float
    room: str
    number: int
    frames: int


File = RingFile | HeardFile


class Ring:
    """`minutes` of sound in `folder`; 30 take some 250 MB, and a processor less than a hundredth of its time."""

    def __init__(self, folder: Path, minutes: float) -> None:
        self.folder, self.minutes = folder, minutes

    def files(self) -> list[RingFile]:
        """Oldest first."""
        try:
            names = sorted(os.listdir(self.folder))
        except OSError:
            return []
        matches = [match for name in names if (match := _NAME.fullmatch(name))]
        return [RingFile(self.folder / m[0], int(m[1]), int(m[2]) / 1000, m[3], int(m[4]), int(m[5])) for m in matches]

    def add(self, heard: HeardFile) -> None:
        """Take in a file that Pd has finished, unless it is there already (it could not be removed then), and let the
        oldest go. Raises OSError where the disk refuses."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._prune()
        if shutil.disk_usage(self.folder).free < KEEP_FREE_BYTES:
            raise OSError(f"less than {KEEP_FREE_BYTES / 1e6:.0f} MB are free")
        files = self.files()
        order = files[-1].order + 1 if files else 1
        mark = f"-{round(heard.end_s * 1000)}-{heard.room}{heard.number}-{heard.frames}.flac"
        if not any(file.path.name.endswith(mark) for file in files):
            write_flac(self.folder / f"{order:08d}{mark}", read_heard(heard))

    def _prune(self) -> None:
        kept_s = 0.0
        for file in reversed(self.files()):
            kept_s += file.frames / SAMPLE_RATE_HZ
            if kept_s > self.minutes * 60.0:
                file.path.unlink(missing_ok=True)


def lately(ring: list[RingFile], heard: list[HeardFile], length_s: float) -> list[File]:
    """The newest files that hold at least `length_s`, oldest first: those on disk, then those still in memory."""
    files: list[File] = [*ring, *heard]
    found: list[File] = []
    held_s = 0.0
    while files and held_s < length_s:
        file = files.pop()
        if found and _start_s(found[-1]) - file.end_s > LONGEST_SILENCE_S:
            break
        found.append(file)
        held_s += file.frames / SAMPLE_RATE_HZ
    return found[::-1]


def with_silences(files: list[File]) -> list[tuple[File | None, int]]:
    """Files with their frames, and None with its frames for each time in which there was no room, or in which what
    it heard was lost, so that all that follows is in its place."""
    found: list[tuple[File | None, int]] = []
    before: File | None = None
    for file in files:
        if before is not None:
            follows = _follows(before, file)
            away_s = 0.0 if follows else max(0.0, _start_s(file) - before.end_s)
            lost = lost_frames(before.frames, before.number, file.number) if follows else 0
            if frames := lost + round(away_s * SAMPLE_RATE_HZ):
                found.append((None, frames))
        found.append((file, file.frames))
        before = file
    return found


def sound_of(file: File | None, begin: int, end: int) -> NDArray[np.int32]:
    """Frames `begin` to `end` of a file, or of silence, [frames, 2]. Raises OSError, AmeublementError."""
    if file is None:
        return np.zeros((end - begin, 2), dtype=np.int32)
    if isinstance(file, HeardFile):
        return read_heard(file)[begin:end]
    try:
        return np.asarray(soundfile.read(file.path, end - begin, begin, dtype="int32")[0])
    except soundfile.SoundFileError as problem:
        raise OSError(f"{file.path.name}: {problem}") from problem


def write_flac(path: Path, sound: NDArray[np.int32]) -> None:
    """24 bits, whole when it appears. Raises OSError."""
    part = path.with_name(f".{path.name}.part")
    try:
        soundfile.write(part, sound, SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_24")
        os.replace(part, path)
    except soundfile.SoundFileError as problem:
        raise OSError(str(problem)) from problem
    finally:
        part.unlink(missing_ok=True)


def _start_s(file: File) -> float:
    return file.end_s - file.frames / SAMPLE_RATE_HZ


def _follows(before: File, after: File) -> bool:
    """Whether Pd wrote one right after the other."""
    same = before.room == after.room and after.number == (before.number + 1) % FILES
    return same and abs(_start_s(after) - before.end_s) < 2.0
