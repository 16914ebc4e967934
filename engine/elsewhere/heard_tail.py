"""Reads on behind Pure Data, which writes what it plays into files in memory, one after the other.

Whoever takes the sound elsewhere reads it there. Pd waits for nobody: who reads too slowly loses sound, and the room
none. A Pd that died is followed by another, with a letter of its own (see `engine.history.archive.heard_files`).
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from engine.errors import AmeublementError
from engine.history.archive.heard_files import FILE_FRAMES, FILES
from engine.room.recording import WavLayout, read_layout

STILL_S: Final = 1.0
"""A file that does not grow for so long is not written to any more: another Pd writes another."""
_NAME: Final = re.compile(r"([a-h])-(\d)\.wav")


class HeardTail:
    """What has been written since it was asked last. `folder` may hold nothing yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._path = Path()
        self.layout: WavLayout | None = None
        """Of what `read` gives; None as long as there is nothing."""
        self._frames = 0
        self._grew_s = float("-inf")

    def read(self, now_s: float) -> bytes:
        """Whole frames that are new, as they lie in the file; `now_s` is monotonic. Empty where there are none."""
        if self._file is None or (now_s - self._grew_s > STILL_S and self._newest() != self._path):
            self._begin(self._newest(), now_s, from_end=True)
        data = self._new_frames()
        if data:
            self._grew_s = now_s
        if self._frames >= FILE_FRAMES and self._goes_on():
            self._begin(self._following(), now_s, from_end=False)
        return data

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def _new_frames(self) -> bytes:
        if self._file is None or self.layout is None:
            return b""
        width = self.layout.frame_bytes
        most = max(0, FILE_FRAMES - self._frames) * width
        self._file.seek(self.layout.data_offset + self._frames * width)
        data = self._file.read(most)
        data = data[: len(data) // width * width]
        self._frames += len(data) // width
        return data

    def _newest(self) -> Path | None:
        """The file that was written to last."""
        found: list[tuple[float, Path]] = []
        for path in self._folder.glob("?-?.wav"):
            with suppress(OSError):
                found.append((path.stat().st_mtime, path))
        return max(found)[1] if found else None

    def _following(self) -> Path:
        """Where Pd goes on after this file."""
        match = _NAME.fullmatch(self._path.name)
        if match is None:  # its name was found by this pattern
            raise AmeublementError(f"{self._path}: not a name of what the room heard")
        return self._path.with_name(f"{match[1]}-{(int(match[2]) + 1) % FILES}.wav")

    def _goes_on(self) -> bool:
        """Whether Pd writes to the next file already."""
        if self._file is None:
            return False
        with suppress(OSError):
            return self._following().stat().st_mtime_ns > os.fstat(self._file.fileno()).st_mtime_ns
        return False

    def _begin(self, path: Path | None, now_s: float, *, from_end: bool) -> None:
        """Go over to `path`, at its beginning or where it ends now."""
        if path is None:
            return
        try:
            layout = read_layout(path)
            file = path.open("rb")
        except (AmeublementError, OSError):  # its header is not written yet
            return
        self.close()
        self._file, self._path, self.layout = file, path, layout
        self._frames = layout.frames if from_end else 0
        self._grew_s = now_s
