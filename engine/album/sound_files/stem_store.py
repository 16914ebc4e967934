"""Stems on their way to files: raw 32-bit floats per stem in a folder, since loudness is known only at the end."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import STEMS

SILENT: Final = 1e-5
"""Below this (-100 dB) a stem has not begun: the engine keeps its filters awake with noise at -160 dB."""
_FRAME_BYTES: Final = 8
_LENGTH_FILE: Final = "frames"


class StemWriter:
    """Takes steps [frames, CHANNELS] of all stems in turn. A stem that is silent throughout gets no file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files: dict[str, IO[bytes]] = {}
        self.frames = 0

    def add(self, stems: NDArray[np.float32]) -> None:
        """Append a step, [frames, CHANNELS]."""
        pairs = np.ascontiguousarray(stems.reshape(len(stems), len(STEMS), 2).swapaxes(0, 1), np.float32)
        for name, pair in zip(STEMS, pairs, strict=True):
            if name not in self._files and np.abs(pair).max() < SILENT:
                continue
            if name not in self._files:
                self._files[name] = (self._folder / f"{name}.f32").open("wb")
                self._files[name].truncate(self.frames * _FRAME_BYTES)  # silent until now
                self._files[name].seek(0, 2)
            self._files[name].write(pair.data)
        self.frames += len(stems)

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        (self._folder / _LENGTH_FILE).write_text(str(self.frames))

    def __enter__(self) -> StemWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class StemReader:
    """What a `StemWriter` left in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.frames = int((folder / _LENGTH_FILE).read_text())
        self.names = tuple(name for name in STEMS if (folder / f"{name}.f32").exists())
        """Stems that sound at all, in reel order."""

    def stem(self, name: str) -> NDArray[np.float32]:
        """[frames, 2], read from disk as it is used."""
        return np.memmap(self._folder / f"{name}.f32", np.float32, "r", shape=(self.frames, 2))

    def mix(self) -> NDArray[np.float32]:
        """The sum of all stems, [frames, 2]."""
        total = np.zeros((self.frames, 2), np.float32)
        for name in self.names:
            total += self.stem(name)
        return total
