"""Segments: the files of the journal. `engine-000012.journal` is the twelfth of the stream `engine`.

A segment is only ever written at its end, by the one who made it; whoever starts anew begins a new one. All of a
stream together are bounded: the oldest go.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

SEGMENT_BYTES: Final = 4_000_000
MOST_SEGMENTS: Final = 2_000
"""Of one stream: starting over and over must not fill a folder with small files."""
_NAME: Final = re.compile(r"(engine|room)-(\d{6,})\.journal")


def list_segments(folder: Path, stream: str) -> list[Path]:
    """The stream's segments, oldest first; empty where there is no such folder."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    found = [match for name in names if (match := _NAME.fullmatch(name)) and match[1] == stream]
    return [folder / match[0] for match in sorted(found, key=lambda match: int(match[2]))]


def next_segment(folder: Path, stream: str) -> Path:
    """The name that follows the newest."""
    segments = list_segments(folder, stream)
    number = int(segments[-1].stem.rpartition("-")[2]) + 1 if segments else 1
    return folder / f"{stream}-{number:06d}.journal"


def remove_oldest(folder: Path, stream: str, most_bytes: int) -> int:
    """Remove the oldest segments until the others hold at most `most_bytes`; how many went. The newest stays."""
    segments = list_segments(folder, stream)
    sizes = [_size(path) for path in segments]
    gone = 0
    while gone < len(segments) - 1 and (sum(sizes[gone:]) > most_bytes or len(segments) - gone > MOST_SEGMENTS):
        segments[gone].unlink(missing_ok=True)
        gone += 1
    return gone


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
