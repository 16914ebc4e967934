"""What a long recording holds, read in pieces: silences and levels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.room.recording import read_layout
from tests.faults.measure import SILENT

PIECE_FRAMES: Final = 48_000 * 20
CLOSING_FRAMES: Final = 48_000 // 10


def pieces(recording: Path) -> Iterator[NDArray[np.float64]]:
    """Stretches [20 s or the rest, 2] of a recording of 24 bits, even one whose header is unfinished."""
    layout = read_layout(recording)
    with recording.open("rb") as source:
        source.seek(layout.data_offset)
        for first in range(0, layout.frames, PIECE_FRAMES):
            frames = min(PIECE_FRAMES, layout.frames - first)
            raw = np.frombuffer(source.read(frames * layout.frame_bytes), np.uint8).reshape(-1, 2, 3)
            whole = np.zeros((len(raw), 2, 4), np.uint8)
            whole[..., 1:] = raw
            yield whole.view(np.int32)[..., 0] / 2.0**31


def listen(recording: Path) -> dict[str, Any]:
    """Length, silences and levels."""
    levels_db, silences = [], _Silences()
    for audio in pieces(recording):
        silences.hear(np.abs(audio).max(axis=1) <= SILENT)
        levels_db.append(10 * np.log10(np.mean(np.square(audio)) + 1e-12))
    layout, runs = read_layout(recording), silences.missed()
    return {
        "length_s": layout.length_s,
        "longest_silence_frames": max(runs, default=0),
        "silent_frames": sum(runs),
        "levels_db": levels_db,
        "step_s": PIECE_FRAMES / layout.sample_rate_hz,
    }


class _Silences:
    """Lengths in frames of silences, joined over pieces."""

    def __init__(self) -> None:
        self._runs: list[int] = []
        self._heard = self._open = False

    def hear(self, quiet: NDArray[np.bool_]) -> None:
        edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
        for start, end in edges.reshape(-1, 2):
            if start == 0 and self._open:
                self._runs[-1] += int(end)
            elif start or self._heard:  # before the first sound there is nothing to miss
                self._runs.append(int(end - start))
        self._heard |= not bool(quiet.all())
        self._open = bool(quiet[-1]) and bool(self._runs)

    def missed(self) -> list[int]:
        """All but the moment at the very end, when the room has faded out and is being closed."""
        return self._runs[:-1] if self._open and self._runs[-1] <= CLOSING_FRAMES else self._runs
