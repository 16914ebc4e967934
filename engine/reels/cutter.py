"""Reels on their way from renderer to room: cut, named, written whole, and removed when they have been played.

A name is a generation's letter and a number, `c-017.wav`. Both are used again after a while, because Pure Data
keeps every name it has ever heard of.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import ReelError
from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES
from engine.reels.reel_keys import ReelKeys, keys_path

GENERATIONS: Final = "abcdefgh"
NUMBERS: Final = 256
KEPT_AFTER_PLAYING: Final = 2
"""The room may still read the tail of the reel before the one it plays, and of the one before that."""


def next_generation(folder: Path) -> str:
    """The letter after the newest in the folder; `a` in an empty one."""
    reels = [path for path in folder.glob("?-???.wav") if path.name[0] in GENERATIONS]
    if not reels:
        return GENERATIONS[0]
    newest = max(reels, key=_changed_s).name[0]
    return GENERATIONS[(GENERATIONS.index(newest) + 1) % len(GENERATIONS)]


class ReelCutter:
    """Collects steps and cuts them into reels that overlap by `TAIL_FRAMES`."""

    def __init__(self) -> None:
        self._held: list[NDArray[np.float32]] = []
        self._frames = 0

    def add(self, audio: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Take in `audio` [frames, CHANNELS]; a finished reel [REEL_FRAMES + TAIL_FRAMES, CHANNELS], or None."""
        self._held.append(audio)
        self._frames += len(audio)
        if self._frames < REEL_FRAMES + TAIL_FRAMES:
            return None
        whole = np.concatenate(self._held)
        self._held = [whole[REEL_FRAMES:].copy()]  # without the copy, what is left would keep the whole reel
        self._frames -= REEL_FRAMES
        return whole[: REEL_FRAMES + TAIL_FRAMES]


class Mark(NamedTuple):
    """The loudest value of what is played from a reel, by which the room knows it: one that has become silence, noise
    or another's does not have it there."""

    channel: int
    frame: int
    value: float

    @classmethod
    def of(cls, audio: NDArray[np.float32]) -> Mark:
        """That of `audio` [REEL_FRAMES + TAIL_FRAMES, CHANNELS]."""
        frame, channel = divmod(int(np.abs(audio[:REEL_FRAMES]).argmax()), CHANNELS)
        return cls(channel, frame, float(audio[frame, channel]))


@dataclass(frozen=True, slots=True)
class Reel:
    """A reel on disk; `number` counts from 0 within its generation, without end."""

    path: Path
    number: int
    mark: Mark

    @property
    def seam(self) -> float:
        """1 for a reel that does not continue the one before it."""
        return 1.0 if self.number == 0 else 0.0


class ReelFolder:
    """The renderer's side of the folder. It never holds more than was written and not yet played, and a few more."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.generation = next_generation(folder)
            for path in folder.glob(f"{self.generation}-*"):
                path.unlink(missing_ok=True)
            for path in folder.glob("*.part"):
                path.unlink(missing_ok=True)
        except OSError as problem:
            raise ReelError(f"reel folder {folder}: {problem.strerror}; make it writable") from problem
        self.folder = folder
        self.written: list[Reel] = []
        """Reels on disk, oldest first."""
        self._count = 0
        self._playing = -1
        self._took_over = False

    @property
    def lead(self) -> int:
        """Reels written beyond the one that plays."""
        return self._count - 1 - self._playing

    @property
    def unplayed(self) -> list[Reel]:
        return [reel for reel in self.written if reel.number > self._playing]

    def write(self, audio: NDArray[np.float32], keys: ReelKeys | None = None) -> Reel:
        """Write `audio` [REEL_FRAMES + TAIL_FRAMES, CHANNELS] as the next reel, and beside it `keys`, what its voices
        play. Raises `ReelError`."""
        if audio.shape != (REEL_FRAMES + TAIL_FRAMES, CHANNELS):
            raise ReelError(f"a reel is {(REEL_FRAMES + TAIL_FRAMES, CHANNELS)} frames and channels, not {audio.shape}")
        path = self.folder / f"{self.generation}-{self._count % NUMBERS:03d}.wav"
        temporary = path.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)  # somebody may have removed it
            if keys is not None:
                keys.write(path, self.generation, self._count)
            soundfile.write(temporary, audio, SAMPLE_RATE_HZ, format="WAV", subtype="FLOAT")
            os.replace(temporary, path)
        except (OSError, soundfile.SoundFileError) as problem:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise ReelError(f"reel {path}: cannot be written ({problem}); free some space there") from problem
        reel = Reel(path, self._count, Mark.of(audio))
        self.written.append(reel)
        self._count += 1
        return reel

    def played(self, path: Path) -> Reel | None:
        """The room plays `path`: forget and remove what lies far enough behind it; the reel, if it is one of ours."""
        reel = self._ours(path)
        if reel is None:
            return None
        self._playing = max(self._playing, reel.number)
        if not self._took_over and reel.number >= KEPT_AFTER_PLAYING:
            self._remove_strangers()
            self._took_over = True
        while self.written and self.written[0].number < self._playing - KEPT_AFTER_PLAYING:
            _remove(self.written.pop(0).path)
        return reel

    def refused(self, path: Path) -> None:
        """The room will not play `path`, and waits for what follows it."""
        if reel := self._ours(path):
            self._playing = max(self._playing, reel.number)

    def withdraw(self) -> None:
        """Remove the reel written last, unless the room plays it: it goes over to another where that one is missing.

        For a room that has opened it already nothing changes.
        """
        if self.unplayed:
            _remove(self.written.pop().path)

    def _ours(self, path: Path) -> Reel | None:
        if path.name[:1] != self.generation:
            return None
        return next((reel for reel in self.written if reel.path.name == path.name), None)

    def _remove_strangers(self) -> None:
        for path in self.folder.glob("?-???.wav"):
            if path.name[0] != self.generation:
                _remove(path)


def _remove(path: Path) -> None:
    """Where that cannot be, as in a folder that may not be written now, it is written over when its name returns."""
    for each in (path, keys_path(path)):
        with suppress(OSError):
            each.unlink()


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
