"""The parts of an audio file: usually one; several where files were joined with `cat`, as radio stations do.

libsndfile reads the first part of such a chain and says nothing of the others.
"""

from __future__ import annotations

import mmap
import re
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

from engine.files.audio.headers import au_patches, caf_patches, riff_end
from engine.files.audio.windows import Window

_FLAC_STREAM: Final = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22", re.DOTALL)
_MP3_STREAM: Final = re.compile(
    rb"\xff[\xe2-\xff][\x00-\xff]{2}(?:[\x00-\xff]{9}|[\x00-\xff]{17}|[\x00-\xff]{32})(?:Xing|Info)"
)
"""The frame that many encoders put first, with the length of what follows."""
_OGG_PAGE: Final = b"OggS"
_OGG_HEAD_BYTES: Final = 27
_BEGINS: Final = 2
_FIRST_FRAME_BYTES: Final = 256
"""The file's own first frame begins before these."""
_MOST_PARTS: Final = 1_000


def parts_of(path: Path) -> list[Window]:
    """The windows of a file that are read one after the other. Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        magic = file.read(12)
        if magic[:4] == _OGG_PAGE:
            return _ogg_links(file, size)
        if magic[:4] in (b"RIFF", b"RF64"):
            return _riffs(file, size)
        if magic[:4] == b".snd":
            return [Window(0, size, au_patches(file, size))]
        if magic[:4] == b"caff":
            return [Window(0, size, caf_patches(file, size))]
        if magic[:4] == b"FORM":
            return _forms(file, size)
        return _streams(file, size, magic)


def _riffs(file: BinaryIO, size: int) -> list[Window]:
    found: list[Window] = []
    at = 0
    while len(found) < _MOST_PARTS:
        end, patches = riff_end(file, at, size)
        file.seek(end)
        follows = file.read(4) == b"RIFF"
        found.append(Window(at, end if follows else size, patches))
        if not follows or end <= at:
            return found
        at = end
    return found


def _forms(file: BinaryIO, size: int) -> list[Window]:
    """AIFF files: each says how long it is, or nothing useful, and then it is the last."""
    found: list[Window] = []
    at = 0
    while len(found) < _MOST_PARTS:
        file.seek(at + 4)
        length = int.from_bytes(file.read(4), "big")
        end = at + 8 + length + length % 2
        file.seek(end)
        follows = length > 0 and file.read(4) == b"FORM"
        found.append(Window(at, end if follows else size))
        if not follows:
            return found
        at = end
    return found


def _ogg_links(file: BinaryIO, size: int) -> list[Window]:
    """A link begins with pages that say so; a page that was cut off at the end is left out."""
    starts: list[int] = []
    at, in_heads = 0, False
    while at + _OGG_HEAD_BYTES <= size:
        file.seek(at)
        head = file.read(_OGG_HEAD_BYTES)
        if head[:4] != _OGG_PAGE:
            break
        begins = bool(head[5] & _BEGINS)
        if begins and not in_heads:
            starts.append(at)
        in_heads = begins
        end = at + _OGG_HEAD_BYTES + head[26] + sum(file.read(head[26]))
        if end > size or len(starts) > _MOST_PARTS:
            break
        at = end
    return [Window(a, b) for a, b in pairwise([*(starts or [0]), size])]


def _streams(file: BinaryIO, size: int, magic: bytes) -> list[Window]:
    """FLAC and MP3 have no length of their own in front; each stream of a chain is found by how it begins."""
    if not size:
        return [Window(0, 0)]
    pattern = _FLAC_STREAM if magic[:4] == b"fLaC" else _MP3_STREAM
    first = _tag_bytes(magic) + _FIRST_FRAME_BYTES
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        starts = [found.start() for found in pattern.finditer(data, first)][:_MOST_PARTS]
    return [Window(a, b) for a, b in pairwise([0, *starts, size])]


def _tag_bytes(magic: bytes) -> int:
    """Length of the tag that MP3 files begin with (ID3v2, 3.1); its numbers have seven bits a byte."""
    if magic[:3] != b"ID3":
        return 0
    return 10 + sum((byte & 0x7F) << 7 * place for place, byte in zip((3, 2, 1, 0), magic[6:10], strict=True))
