"""A part of a file as a file of its own, with some of its bytes replaced; it copies nothing."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Window:
    """Bytes `start` to `end` of a file; `patches` are bytes to read instead, by their place in the window."""

    start: int
    end: int
    patches: Mapping[int, bytes] = field(default_factory=dict)

    def is_all_of(self, size: int) -> bool:
        """Whether this is a whole file as it is."""
        return self.start == 0 and self.end == size and not self.patches


class WindowFile(io.RawIOBase):
    """A window to read from and to seek in. Raises OSError where the file cannot be opened."""

    def __init__(self, path: Path, window: Window) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._window = window
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        size = self._window.end - self._window.start
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: size}[whence])
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        left = self._window.end - self._window.start - self._at
        self._file.seek(self._window.start + self._at)
        data = bytearray(self._file.read(max(0, min(len(buffer), left))))
        for place, patch in self._window.patches.items():
            first, last = max(place, self._at), min(place + len(patch), self._at + len(data))
            if first < last:
                data[first - self._at : last - self._at] = patch[first - place : last - place]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
