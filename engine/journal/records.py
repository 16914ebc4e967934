"""One record of the journal as bytes, and finding the whole ones in a file that may be damaged anywhere.

    4 bytes   mark, whose last byte says whether the contents are deflated
    4 bytes   length of the contents
    4 bytes   CRC-32 of length and contents
    contents  JSON, deflated (zlib) where that makes them shorter

A record that was cut off or changed does not fit its checksum, and the next one is found by its mark, so damage costs
the records it touches and no others.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_MARK: Final = b"\xabAJ"
PLAIN: Final = _MARK + b"\x01"
DEFLATED: Final = _MARK + b"\x02"
HEADER_BYTES: Final = 12
MOST_BYTES: Final = 4_000_000
"""Of the contents, before and after deflating; a longer length in a file is damage, not a record."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a file, from `start` on, that hold no whole record."""

    start: int
    length: int


def encode(contents: Mapping[str, Any]) -> bytes:
    """A record. Raises ValueError for what JSON cannot hold, and for contents that are too long."""
    plain = json.dumps(contents, separators=(",", ":"), allow_nan=False).encode()
    if len(plain) > MOST_BYTES:
        raise ValueError(f"a record of {len(plain)} bytes, more than {MOST_BYTES}")
    deflated = zlib.compress(plain, 6)
    mark, body = (DEFLATED, deflated) if len(deflated) < len(plain) else (PLAIN, plain)
    length = struct.pack("<I", len(body))
    return b"".join((mark, length, struct.pack("<I", zlib.crc32(body, zlib.crc32(length))), body))


def decode_all(data: bytes) -> Iterator[dict[str, Any] | Damage]:
    """Everything in `data`, in order: contents of whole records, and what lies between them that is none."""
    place = damaged = 0
    while place < len(data):
        found = _decode_at(data, place)
        if found is None:
            following = data.find(_MARK, place + 1)
            place = following if following >= 0 else len(data)
            continue
        contents, end = found
        if damaged < place:
            yield Damage(damaged, place - damaged)
        yield contents
        place = damaged = end
    if damaged < len(data):
        yield Damage(damaged, len(data) - damaged)


def _decode_at(data: bytes, start: int) -> tuple[dict[str, Any], int] | None:
    """Contents and end of the record that begins at `start`, or None where none does."""
    header = data[start : start + HEADER_BYTES]
    if len(header) < HEADER_BYTES or header[:4] not in (PLAIN, DEFLATED):
        return None
    length, checksum = struct.unpack("<II", header[4:])
    end = start + HEADER_BYTES + length
    if length > MOST_BYTES or end > len(data):
        return None
    body = data[start + HEADER_BYTES : end]
    if zlib.crc32(body, zlib.crc32(header[4:8])) != checksum:
        return None
    try:
        contents = json.loads(_inflated(body) if header[:4] == DEFLATED else body)
    except (ValueError, zlib.error, RecursionError):
        return None
    return (contents, end) if isinstance(contents, dict) else None


def _inflated(body: bytes) -> bytes:
    """Never more than `MOST_BYTES`, even if a forged file claims more."""
    inflater = zlib.decompressobj()
    plain = inflater.decompress(body, MOST_BYTES)
    if not inflater.eof:
        raise ValueError("too long, or cut off")
    return plain
