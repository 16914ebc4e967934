"""Every frame that is written is read once, from file to file and from Pd to Pd."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np

from engine.elsewhere.heard_tail import STILL_S, HeardTail
from engine.history.archive.heard_files import FILE_FRAMES


def header() -> bytes:
    """As Pd writes it when it opens a file: of no frames yet."""
    chunk = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 48_000, 288_000, 6, 24)
    return b"RIFF" + struct.pack("<I", 36) + b"WAVE" + chunk + b"data" + struct.pack("<I", 0)


def write(path: Path, data: bytes, at_s: float) -> None:
    """Append, at a time of our own choosing."""
    with path.open("ab") as file:
        file.write(data)
    os.utime(path, (at_s, at_s))


def test_frames_are_read_once_across_files(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).bytes(6 * (FILE_FRAMES + 1_000))
    write(tmp_path / "b-0.wav", header(), 100.0)
    tail = HeardTail(tmp_path)
    assert tail.read(0.0) == b""
    write(tmp_path / "b-1.wav", header(), 102.0)
    heard, edge = b"", 6 * FILE_FRAMES
    for number, start in enumerate(range(0, edge, 600_001)):
        write(tmp_path / "b-0.wav", sound[start : min(edge, start + 600_001)], 103.0 + number)
        heard += tail.read(0.1 * number)
    write(tmp_path / "b-1.wav", sound[edge:], 200.0)
    for step in range(3):
        heard += tail.read(1.0 + 0.1 * step)
    assert heard == sound


def test_another_pd_is_followed_where_it_is_now(tmp_path: Path) -> None:
    write(tmp_path / "b-0.wav", header() + bytes(600), 100.0)
    tail = HeardTail(tmp_path)
    tail.read(0.0)
    write(tmp_path / "c-0.wav", header() + bytes(600), 110.0)
    assert tail.read(0.5) == b"", "the first may still speak"
    tail.read(STILL_S + 0.6)
    write(tmp_path / "c-0.wav", b"\1" * 600, 111.0)
    assert tail.read(STILL_S + 0.7) == b"\1" * 600


def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    tail = HeardTail(tmp_path / "none")
    assert tail.read(0.0) == b""
    tail.close()
