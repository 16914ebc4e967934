"""One track's bytes, made fit for a strict parser: whole events, a status byte for each, nothing that is not needed.

After the Standard MIDI Files 1.0 specification (RP-001, MMA 1996), and after what sequencers write instead.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Final

TRACK: Final = b"MTrk"
META: Final = 0xFF
NAME, END, TEMPO = 0x03, 0x2F, 0x51
TEMPO_BYTES: Final = 3
END_OF_TRACK: Final = bytes((0, META, END, 0))
_SYSTEM_EXCLUSIVE: Final = (0xF0, 0xF7)
_SYSTEM_BYTES: Final = {0xF1: 1, 0xF2: 2, 0xF3: 1}
"""Data bytes of system messages; the others have none. Files should not hold them, and some do."""
_LONGEST_QUANTITY: Final = 4


@dataclass(frozen=True, slots=True)
class TrackBytes:
    """`body` is what a strict parser takes, `end` where the track ends in its file, `trouble` what was lost, if any."""

    body: bytes
    end: int
    trouble: str = ""


class _EarlyEndError(Exception):
    """The file ends within an event."""


class _DamageError(Exception):
    """No event begins here."""


def mended_track(data: bytes, start: int, claimed_end: int) -> TrackBytes:
    """The track whose events begin at `start`; where it really ends decide its events, not the length it claims.

    Kept are channel messages, tempo and name. Left out are key signatures and all else that strict parsers fall over.
    """
    track = _Track(data, start)
    trouble = ""
    try:
        while not track.ended and not _is_over(data, track.at, claimed_end):
            track.take_event()
        if not track.ended and len(data) < claimed_end:
            raise _EarlyEndError
    except _EarlyEndError:
        trouble = "the file is cut short within it"
    except _DamageError as damage:
        trouble = f"{damage}, {len(data) - track.at} bytes before the end of the file"
    if track.ended and track.at < claimed_end:
        track = _with_what_follows(track, claimed_end)
    return TrackBytes(bytes(track.out) + END_OF_TRACK, track.at, trouble)


def _with_what_follows(track: _Track, claimed_end: int) -> _Track:
    """The track with events after its end, which some sequencers write; without, where it is no events that follow."""
    longer = copy(track)
    longer.out = bytearray(track.out)
    closes = claimed_end == len(track.data) or is_chunk(track.data, claimed_end)
    try:
        while closes and longer.at < claimed_end and track.data[longer.at : longer.at + 4] != TRACK:
            longer.take_event()
    except (_EarlyEndError, _DamageError):
        return track
    return longer if longer.at == claimed_end else track


def is_chunk(data: bytes, at: int) -> bool:
    """Whether a chunk of any name begins here and fits into the file."""
    name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
    return len(name) == 4 and name.isascii() and name.isalnum() and at + 8 + length <= len(data)


def _is_over(data: bytes, at: int, claimed_end: int) -> bool:
    """Whether a track without an end ends here: with the file, before another track, or where it said it would."""
    if at >= len(data) or data[at : at + 4] == TRACK:
        return True
    return at == claimed_end and is_chunk(data, at)


class _Track:
    """Takes one event after another; `at` stands before the next."""

    def __init__(self, data: bytes, at: int) -> None:
        self.at, self.out, self.ended = at, bytearray(), False
        self.data, self._next = data, at
        self._running = 0
        self._wait = 0

    def take_event(self) -> None:
        wait = self._quantity()
        status = self._byte()
        if status < 0x80:  # the status of the event before, also where system messages or text stand between
            status, self._next = self._running, self._next - 1
        if status == META:
            self._take_meta(wait)
        elif status in _SYSTEM_EXCLUSIVE:
            self._bytes(self._quantity())
            self._wait += wait
        elif status > 0xF0:
            self._bytes(_SYSTEM_BYTES.get(status, 0))
            self._wait += wait
        elif status:
            self._running = status
            self._keep(wait, bytes((status,)) + self._bytes(1 if status >> 4 in (0xC, 0xD) else 2))
        else:
            raise _DamageError("a data byte where an event should begin")
        self.at = self._next

    def _take_meta(self, wait: int) -> None:
        kind, body = self._byte(), self._bytes(self._quantity())
        if kind == END:
            self.ended = True
        if kind == NAME:
            self._keep(wait, bytes((META, NAME)) + quantity(len(body)) + body)
        elif kind == TEMPO and len(body) >= TEMPO_BYTES and any(body[:TEMPO_BYTES]):
            self._keep(wait, bytes((META, TEMPO, TEMPO_BYTES)) + body[:TEMPO_BYTES])
        else:
            self._wait += wait

    def _keep(self, wait: int, event: bytes) -> None:
        self.out += quantity(self._wait + wait) + event
        self._wait = 0

    def _byte(self) -> int:
        return self._bytes(1)[0]

    def _bytes(self, count: int) -> bytes:
        found = self.data[self._next : self._next + count]
        if len(found) < count:
            raise _EarlyEndError
        self._next += count
        return found

    def _quantity(self) -> int:
        value = 0
        for _ in range(_LONGEST_QUANTITY):
            byte = self._byte()
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise _DamageError("a number of more than four bytes")


def quantity(value: int) -> bytes:
    """A number of variable length, as MIDI files count time and bytes."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | (value & 0x7F))
    return bytes(reversed(out))
