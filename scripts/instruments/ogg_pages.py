"""Shortens an Ogg Vorbis file without decoding it: pages behind the wanted end are left out, the last one is marked.

Source: RFC 3533, section 6 (the page: flags, granule position, checksum, segment table).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

_CAPTURE: Final = b"OggS"
_HEADER_BYTES: Final = 27
_END_OF_STREAM: Final = 4
_POLYNOMIAL: Final = 0x04C11DB7


def shortened(data: bytes, frames: int) -> bytes:
    """The beginning of an Ogg file, up to the first page that ends at or behind `frames`. Raises ValueError."""
    kept = []
    for page in _pages(data):
        kept.append(page)
        if struct.unpack_from("<q", page, 6)[0] >= frames:
            break
    kept[-1] = _marked_as_last(kept[-1])
    return b"".join(kept)


def _pages(data: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(data):
        if data[place : place + 4] != _CAPTURE:
            raise ValueError(f"no Ogg page at byte {place}")
        segments = data[place + _HEADER_BYTES - 1]
        table = data[place + _HEADER_BYTES : place + _HEADER_BYTES + segments]
        size = _HEADER_BYTES + segments + sum(table)
        yield data[place : place + size]
        place += size


def _marked_as_last(page: bytes) -> bytes:
    without = bytearray(page)
    without[5] |= _END_OF_STREAM
    without[22:26] = bytes(4)
    without[22:26] = struct.pack("<I", _checksum(bytes(without)))
    return bytes(without)


def _checksum(data: bytes) -> int:
    """CRC-32 as Ogg has it: not reflected, beginning with 0."""
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1) ^ (_POLYNOMIAL if value & 0x80000000 else 0)
        value &= 0xFFFFFFFF
    return value
