"""What a long recording holds, read in pieces: silences and levels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.recording import read_layout
from tests.faults.measure import SILENT

PIECE_FRAMES: Final = 48_000 * 20


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
    levels_db, longest, run, silent, leading = [], 0, 0, 0, True
    for audio in pieces(recording):
        quiet = np.abs(audio).max(axis=1) <= SILENT
        edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
        for start, end in edges.reshape(-1, 2):
            run = end - start + (run if start == 0 else 0)
            if not (leading and start == 0):  # before the first sound there is nothing to miss
                longest, silent = max(longest, run), silent + int(end - start)
        leading = leading and bool(quiet.all())
        run = run if len(quiet) and quiet[-1] else 0
        levels_db.append(10 * np.log10(np.mean(np.square(audio)) + 1e-12))
    layout = read_layout(recording)
    return {
        "length_s": layout.length_s,
        "longest_silence_frames": int(longest),
        "silent_frames": silent,
        "levels_db": levels_db,
        "step_s": PIECE_FRAMES / layout.sample_rate_hz,
    }
