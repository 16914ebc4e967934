"""Files in memory in which Pd leaves what the room heard (`pd_patches/room/heard~.pd`), eight of ten seconds in turn.

Pd counts the frames of a file wrongly in its header, and not at all before it has closed it; `read_layout` knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.errors import AmeublementError
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.room.recording import read_layout

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILES: Final = 8
FILE_FRAMES: Final = 491_520
"""10.24 s; `heard~.pd` has both numbers, too."""
_NAME: Final = re.compile(r"([a-h])-(\d)\.wav")
_BITS: Final = 24


@dataclass(frozen=True, slots=True)
class HeardFile:
    """`room` is a letter that changes with every Pd, `number` the place in its ring; `end_s` since 1970."""

    path: Path
    room: str
    number: int
    end_s: float
    frames: int

    @property
    def whole(self) -> bool:
        return self.frames >= FILE_FRAMES


def name_format(folder: Path, rooms: int) -> str:
    """What the `rooms`th Pd is told: the path of its files, with %d for the number."""
    return f"{str(folder).replace('%', '%%')}/{chr(ord('a') + rooms % FILES)}-%d.wav"


def heard_files(folder: Path) -> list[HeardFile]:
    """All that lie there, oldest first; files in which there is nothing yet are left out."""
    found = []
    for path in folder.glob("?-?.wav"):
        match = _NAME.fullmatch(path.name)
        try:
            layout, changed_s = read_layout(path), path.stat().st_mtime
        except (AmeublementError, OSError):
            continue
        if match and layout.bits == _BITS and layout.frames > 0:
            found.append(HeardFile(path, match[1], int(match[2]), changed_s, layout.frames))
    return sorted(found, key=lambda file: file.end_s)


def lost_frames(frames: int, number: int, next_number: int) -> int:
    """What is missing of a file of `frames` from which its room went on to `next_number`: there was no space for it,
    and Pd's `writesf~` says nothing of that."""
    return max(0, FILE_FRAMES - frames) if next_number == (number + 1) % FILES else 0


def read_heard(file: HeardFile) -> NDArray[np.int32]:
    """Its sound, [frames, 2], 24 bits at the upper end of 32. Raises OSError, AmeublementError."""
    import numpy as np  # the supervisor, which only needs the names, does without

    layout = read_layout(file.path)
    with file.path.open("rb") as opened:
        opened.seek(layout.data_offset)
        data = opened.read(file.frames * layout.frame_bytes)
    whole = len(data) // layout.frame_bytes * layout.frame_bytes
    thirds = np.frombuffer(data[:whole], np.uint8).reshape(-1, 3).astype(np.int32)
    joined = (thirds[:, 0] << 8) | (thirds[:, 1] << 16) | (thirds[:, 2] << 24)
    return joined.reshape(-1, layout.channels)


def length_s(frames: int) -> float:
    return frames / SAMPLE_RATE_HZ
