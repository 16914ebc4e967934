"""What an OSC packet holds, one message after the other, each judged by itself before any library reads it.

After the OSC 1.0 specification (Wright 2002, https://opensoundcontrol.stanford.edu/spec-1_0.html): a message with a
type that is not known is discarded, and a bundle is acted on when its time has come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

KNOWN_TYPES: Final = frozenset("ihfdsbrmtTFN[]")
"""Those that python-osc reads. Of others it leaves the bytes where they are, and takes them for the next argument."""
BUNDLE: Final = b"#bundle\x00"
IMMEDIATELY: Final = 1
NTP_TO_UNIX_S: Final = 2_208_988_800
DEEPEST: Final = 8
_FIXED_BYTES: Final = {"i": 4, "f": 4, "r": 4, "m": 4, "h": 8, "d": 8, "t": 8}


class PacketError(Exception):
    """A packet, or a message in it, that cannot be believed; says why."""


@dataclass(frozen=True, slots=True)
class Element:
    """One message as bytes, and when it is to be acted on: in Unix seconds, 0 for at once."""

    message: bytes
    due_s: float


def elements(packet: bytes, due_s: float = 0.0, depth: int = 0) -> Iterator[Element]:
    """The messages of a packet, those of bundles within bundles too. Raises `PacketError`."""
    if not packet.startswith(BUNDLE):
        yield Element(packet, due_s)
        return
    if depth >= DEEPEST:
        raise PacketError("bundles within bundles within bundles")
    due_s = max(due_s, _time_s(packet[8:16]))
    at = 16
    while at < len(packet):
        size = int.from_bytes(packet[at : at + 4], "big")
        inside = packet[at + 4 : at + 4 + size]
        if size == 0 or size % 4 or len(inside) < size:
            raise PacketError("a bundle whose parts do not fit")
        yield from elements(inside, due_s, depth + 1)
        at += 4 + size


def check(message: bytes) -> None:
    """Raises `PacketError` for a message whose types are not known, or whose arguments are not all there."""
    path, at = _text(message, 0)
    if not path.startswith("/"):
        raise PacketError("no OSC address, which begins with /")
    if at >= len(message):
        return
    types, at = _text(message, at)
    if not types.startswith(","):
        raise PacketError(f"{path}: no types of arguments, which begin with a comma")
    for kind in types[1:]:
        if kind not in KNOWN_TYPES:
            raise PacketError(f"{path}: discarded, for an argument is of the unknown type {kind!r}")
        at = _after(message, at, kind)
        if at > len(message):
            raise PacketError(f"{path}: cut off within its arguments")


def _after(message: bytes, at: int, kind: str) -> int:
    if kind == "s":
        return _text(message, at)[1]
    if kind == "b":
        size = int.from_bytes(message[at : at + 4], "big")
        return at + 4 + size + -size % 4
    return at + _FIXED_BYTES.get(kind, 0)


def _text(message: bytes, at: int) -> tuple[str, int]:
    """A text that ends with a zero byte, and where the next thing begins, on a multiple of four."""
    end = message.find(b"\x00", at)
    if end < 0:
        raise PacketError("a text without end")
    try:
        return message[at:end].decode(), end + 4 - end % 4
    except UnicodeDecodeError:
        raise PacketError("a text that is not UTF-8") from None


def _time_s(tag: bytes) -> float:
    """An NTP time in Unix seconds."""
    if len(tag) < 8:
        raise PacketError("a bundle cut off before its time")
    number = int.from_bytes(tag, "big")
    return 0.0 if number <= IMMEDIATELY else number / 2**32 - NTP_TO_UNIX_S
