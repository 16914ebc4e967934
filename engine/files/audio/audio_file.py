"""An audio file opened whole: every part of a chain, headers mended, foreign formats by way of ffmpeg."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import TextureError
from engine.files.audio.conversion import INSTALL, convert, has_ffmpeg
from engine.files.audio.names import is_convertible
from engine.files.audio.streams import parts_of
from engine.files.audio.windows import Window, WindowFile

UNKNOWN_FRAMES: Final = 1 << 40
"""What claims more than these does not know how long it is."""
FORMATS: Final = "WAV, FLAC, Ogg, Opus, MP3, AIFF or CAF"


class AudioFile:
    """Reads like `soundfile.SoundFile`, in frames [frames, channels] of float32.

    Raises `TextureError`, naming the file and what to do, where it cannot be read; reading raises OSError or
    RuntimeError where a file is damaged further on.
    """

    def __init__(self, path: Path, track: int = 0) -> None:
        """`track` is which of several in a film or in a file of stems."""
        if not path.is_file():
            raise TextureError(f"{path}: there is no such file; expected audio")
        self._stack = ExitStack()
        try:
            self._parts = self._opened(path, track)
            self._check_alike(path)
        except BaseException:
            self._stack.close()
            raise
        self.samplerate = int(self._parts[0].samplerate)
        self.channels = max(int(part.channels) for part in self._parts)
        self.container = str(self._parts[0].format)
        self._begins = [0, *accumulate(int(part.frames) for part in self._parts)]
        self._at = 0

    @property
    def frames(self) -> int:
        return self._begins[-1]

    @property
    def duration(self) -> float:
        """In seconds."""
        return self.frames / self.samplerate

    def seek(self, frame: int) -> None:
        self._at = min(max(0, frame), self.frames)

    def read(self, frames: int) -> NDArray[np.float32]:
        """At most `frames`, less at the end and where a file is cut off."""
        pieces = []
        for part, begin, end in zip(self._parts, self._begins, self._begins[1:], strict=False):
            if frames <= 0 or not begin <= self._at < end:
                continue
            if part.tell() != self._at - begin:
                part.seek(self._at - begin)
            piece = self._widened(part.read(min(frames, end - self._at), dtype="float32", always_2d=True))
            pieces.append(piece)
            frames -= len(piece)
            self._at = self._at + len(piece) if len(piece) else end
        return np.concatenate(pieces) if pieces else np.empty((0, self.channels), np.float32)

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _opened(self, path: Path, track: int) -> list[soundfile.SoundFile]:
        if is_convertible(path):
            return self._converted(path, track)
        try:
            parts = [self._part(path, window) for window in parts_of(path)]
        except (OSError, RuntimeError, TypeError) as problem:
            with suppress(TextureError):  # two complaints about one file would help nobody
                return self._converted(path, track)
            raise TextureError(f"{path}: cannot be read as audio ({_why(problem)}); use {FORMATS}") from None
        if not any(0 < part.frames < UNKNOWN_FRAMES for part in parts) and has_ffmpeg():
            return self._converted(path, track)
        if any(part.frames >= UNKNOWN_FRAMES for part in parts):
            raise TextureError(f"{path}: does not say how long it is; {INSTALL}, or write it again")
        return parts

    def _converted(self, path: Path, track: int) -> list[soundfile.SoundFile]:
        # The name goes as soon as the file is open: a process that is killed leaves nothing behind.
        with tempfile.TemporaryDirectory(prefix="ameublement-") as folder:
            sound = Path(folder) / "sound.w64"
            convert(path, sound, track)
            return [self._stack.enter_context(soundfile.SoundFile(sound))]

    def _part(self, path: Path, window: Window) -> soundfile.SoundFile:
        if window.is_all_of(path.stat().st_size):
            return self._stack.enter_context(soundfile.SoundFile(path))
        inside = self._stack.enter_context(WindowFile(path, window))
        return self._stack.enter_context(soundfile.SoundFile(inside))

    def _check_alike(self, path: Path) -> None:
        rates = sorted({int(part.samplerate) for part in self._parts})
        if len(rates) > 1:
            raise TextureError(f"{path}: its parts have rates of {rates[0]} and {rates[-1]} Hz; convert them to one")

    def _widened(self, piece: NDArray[np.float32]) -> NDArray[np.float32]:
        """A part with fewer channels than another: one goes to all, others keep their places."""
        if piece.shape[1] == self.channels:
            return piece
        if piece.shape[1] == 1:
            return np.repeat(piece, self.channels, axis=1)
        return np.pad(piece, ((0, 0), (0, self.channels - piece.shape[1])))


def _why(problem: Exception) -> str:
    """libsndfile's own words, without how Python writes what was opened."""
    return str(problem).rsplit(": ", 1)[-1].rstrip(".")
