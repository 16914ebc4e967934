"""Headers that claim less sound than a file holds, as of a recorder that lost its power: mended from the file's size.

WAV and RF64 after EBU Tech 3306, AU after Sun's audio.h, CAF after Apple's specification. What claims more than there
is, libsndfile reads as far as it goes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

UNKNOWN_SIZE: Final = 0xFFFFFFFF
_MOST_CHUNKS: Final = 1_000


def riff_end(file: BinaryIO, start: int, size: int) -> tuple[int, dict[int, bytes]]:
    """Where the WAV that begins at `start` really ends, and what has to stand in its header, by place."""
    file.seek(start)
    if file.read(4) == b"RF64":
        return size, _rf64_patches(file, start, size)
    end = start + 12
    for name, place, length in _chunks(file, start, size):
        body = place + 8
        end = body + length + length % 2
        if name == b"data" and not _closes(file, end, size):
            sound = size - body
            patches = {place + 4 - start: _little(sound), 4: _little(size - start - 8)}
            return size, ({} if length >= sound else patches)
    return min(end, size), {}


def au_patches(file: BinaryIO, size: int) -> dict[int, bytes]:
    file.seek(0)
    header = file.read(12)
    empty = len(header) == 12 and header[8:] == bytes(4) and size > int.from_bytes(header[4:8], "big")
    return {8: b"\xff" * 4} if empty else {}


def caf_patches(file: BinaryIO, size: int) -> dict[int, bytes]:
    """Sound whose size is left open has to be the last chunk."""
    at = 8
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        name, length = file.read(4), int.from_bytes(file.read(8), "big", signed=True)
        if name == b"data" and length <= 0:
            return {at + 4: (size - at - 12).to_bytes(8, "big")}
        if name in (b"data", b"") or length < 0:
            break
        at += 12 + length
    return {}


def _chunks(file: BinaryIO, start: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, place, length) of chunks from the first on, as far as they look like some."""
    at = start + 12
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        head = file.read(8)
        if at >= size or not _is_name(head[:4]) or head[:4] in (b"RIFF", b"RF64"):
            return
        length = int.from_bytes(head[4:], "little")
        yield head[:4], at, length
        at += 8 + length + length % 2


def _closes(file: BinaryIO, end: int, size: int) -> bool:
    """Whether what ends here is followed by another chunk, or by nothing."""
    file.seek(min(end, size))
    head = file.read(8)
    return len(head) < 8 or (_is_name(head[:4]) and end + 8 + int.from_bytes(head[4:], "little") <= size + 1)


def _is_name(name: bytes) -> bool:
    return len(name) == 4 and all(0x20 <= byte < 0x7F for byte in name)


def _rf64_patches(file: BinaryIO, start: int, size: int) -> dict[int, bytes]:
    file.seek(start + 12)
    head = file.read(8 + 16)
    if head[:4] != b"ds64" or struct.unpack("<QQ", head[8:])[1]:
        return {}
    data = next((place for name, place, _ in _chunks(file, start, size) if name == b"data"), None)
    if data is None:
        return {}
    return {20: struct.pack("<QQQ", size - start - 8, size - data - 8, 0), data + 4 - start: b"\xff" * 4}


def _little(number: int) -> bytes:
    return min(number, UNKNOWN_SIZE).to_bytes(4, "little")
