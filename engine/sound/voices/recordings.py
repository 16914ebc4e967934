"""Recordings of single notes: decoded once, kept as 16 bit on the disk, and mapped into memory.

The notes of a grand are 19 MB as they come along and 280 MB decoded. None of it is loaded: the kernel reads what sounds
(mmap(2)), every process has the same pages, and `forget` lets go of them. What is decoded lies in the cache folder,
where it may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import InstrumentError
from engine.files.paths import INSTRUMENTS_FOLDER
from engine.files.state_folder import base_folder
from engine.parameters.instruments import Sides
from engine.sound.voices.note_sides import together
from engine.sound.voices.note_tails import faded, prolonged

INDEX: Final = "recordings.json"
PAD_FRAMES: Final = 8
"""Silence before and after, which a player that interpolates may read."""
_FORM: Final = 2
"""Of what lies in the cache; another number makes it anew."""
_FULL_SCALE: Final = 32767.0

Stereo = NDArray[np.int16]
"""[sides, frames]."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One note as `recordings.json` lists it."""

    file: str
    pitch: int
    layer: int
    """0 the softest."""
    start_frame: int
    frames: int
    gain_db: float
    """Makes layers equally loud and keys even; velocity is applied by who plays."""
    cents: float
    """How far it is above its pitch."""
    falls_db_per_s: float
    """How it goes on after its end, where its maker cut it off; 0: it has died away."""


class MappedNote:
    """A decoded note: `sides` [1 or 2, PAD + frames + PAD] int16, mapped from the cache."""

    def __init__(self, path: Path, sides: int, rate_hz: int) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.sides: Stereo = np.frombuffer(self._map, np.int16).reshape(sides, -1)
        self.rate_hz = rate_hz

    def forget(self) -> None:
        """Let the kernel have the pages; they come back when they are read."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)


class Recordings:
    """A folder of recorded notes. Raises InstrumentError where its list cannot be used."""

    def __init__(self, folder: Path, cache_folder: Path, sides: Sides | None = None) -> None:
        self._folder, self._sides = folder, sides
        try:
            text = (folder / INDEX).read_text("utf-8")
            listed = {part: [Recording(**one) for one in entries] for part, entries in json.loads(text).items()}
            self.notes, self.releases = listed["notes"], listed["releases"]
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
            raise InstrumentError(f"{folder / INDEX}: {problem!r}; restore the folder of recordings") from problem
        name = hashlib.blake2b(f"{_FORM} {sides} {text}".encode(), digest_size=8).hexdigest()
        self._cache = cache_folder / f"{folder.name}-{name}"
        self._mapped: dict[str, MappedNote] = {}

    def nearest(self, layer: int, pitch: float) -> Recording:
        """The recording of a layer whose pitch is nearest; of the layers beside it where it has none within a third."""
        near = [one for one in self.notes if abs(one.pitch - pitch) <= _NEAR_SEMITONES] or self.notes
        return min(near, key=lambda one: (abs(one.layer - layer), abs(one.pitch - pitch)))

    def nearest_release(self, pitch: float) -> Recording:
        """The noise of the key that is nearest."""
        return min(self.releases, key=lambda one: abs(one.pitch - pitch))

    def mapped(self, recording: Recording) -> MappedNote:
        """The note, decoded and in memory. Raises InstrumentError."""
        note = self._mapped.get(recording.file)
        if note is None:
            note = self._mapped[recording.file] = self._map(recording)
        return note

    def forget(self) -> None:
        """Let go of the memory of all that was played; see `MappedNote.forget`."""
        for note in self._mapped.values():
            note.forget()

    def _map(self, recording: Recording) -> MappedNote:
        path = self._cache / f"{Path(recording.file).stem}.pcm"
        try:
            info = soundfile.info(self._folder / recording.file)
            if not path.exists():
                _store(path, self._decoded(recording))
            return MappedNote(path, info.channels, info.samplerate)
        except (OSError, RuntimeError, ValueError) as problem:
            raise InstrumentError(f"{self._folder / recording.file}: {problem}; restore the recordings") from problem

    def _decoded(self, recording: Recording) -> Stereo:
        sound, rate_hz = soundfile.read(
            self._folder / recording.file, recording.frames, recording.start_frame, dtype="float32", always_2d=True
        )
        sides = sound.T * np.float32(10 ** (recording.gain_db / 20))
        if self._sides and recording in self.notes and len(sides) == 2:
            sides = together(sides, rate_hz, recording.pitch, self._sides)
        if recording.falls_db_per_s:
            sides = prolonged(sides, rate_hz, recording.falls_db_per_s)
        whole = np.clip(np.rint(faded(sides, rate_hz) * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE)
        return np.pad(whole.astype(np.int16), ((0, 0), (PAD_FRAMES, PAD_FRAMES)))


_NEAR_SEMITONES: Final = 4.0


def _store(path: Path, sides: Stereo) -> None:
    """Whole or not at all: another process may be at the same note."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(sides.tobytes())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@cache
def recordings(name: str, sides: Sides | None = None) -> Recordings:
    """The folder of that name among those that come along; one for the whole process."""
    return Recordings(INSTRUMENTS_FOLDER / name, cache_folder(), sides)


@cache
def cache_folder() -> Path:
    """Where decoded notes are kept; a temporary folder for a user who may write nowhere."""
    folder = base_folder("XDG_CACHE_HOME", ".cache") / "ameublement" / "instruments"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="ameublement-"))
