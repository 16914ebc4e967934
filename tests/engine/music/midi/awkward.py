"""MIDI files as people really have them, byte by byte: each holds 72 notes of piano, and one thing that is unusual.

No library writes such files, so they are put together here after the Standard MIDI Files 1.0 specification (RP-001).
Every key is struck 300 ms after the one before, from pitch 30 up, and held for 200 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

NOTES: Final = 72
LOWEST_PITCH: Final = 30
STEP_TICKS: Final = 300
HELD_TICKS: Final = 200
BEAT: Final = 500
"""Ticks in a quarter at the usual 120 per minute: a tick is a millisecond."""
END: Final = b"\x00\xff\x2f\x00"
TEMPO_120: Final = b"\x00\xff\x51\x03\x07\xa1\x20"


def number(value: int) -> bytes:
    """A quantity of variable length."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | (value & 0x7F))
    return bytes(reversed(out))


def chunk(name: bytes, body: bytes, claimed: int | None = None) -> bytes:
    """A chunk that says it is `claimed` bytes long, which is the truth unless it is given."""
    return name + (len(body) if claimed is None else claimed).to_bytes(4, "big") + body


def header(kind: int = 1, tracks: int = 1, division: int = BEAT, more: bytes = b"") -> bytes:
    values = (kind, tracks, division & 0xFFFF)
    return chunk(b"MThd", b"".join(value.to_bytes(2, "big") for value in values) + more)


def events(
    pitches: Sequence[int] = range(LOWEST_PITCH, LOWEST_PITCH + NOTES),
    channel: int = 0,
    velocity: int = 70,
    between: Callable[[int], bytes] = lambda _: b"",
    release: bytes = b"",
    first_ticks: int = 0,
) -> bytes:
    """Strokes and releases; `between(i)` stands before the i-th stroke, `release` ends notes where it is given."""
    out, wait = b"", first_ticks
    for index, pitch in enumerate(pitches):
        out += between(index) + number(wait) + bytes((0x90 | channel, pitch, velocity))
        out += number(HELD_TICKS) + (release or bytes((0x80 | channel, pitch, 64)))
        wait = STEP_TICKS - HELD_TICKS
    return out


def track(body: bytes, off_by: int = 0, end: bytes = END) -> bytes:
    return chunk(b"MTrk", body + end, len(body + end) + off_by)


def song(body: bytes, **of_header: int) -> bytes:
    return header(**of_header) + track(body)


def riff(data: bytes, before: bytes = b"") -> bytes:
    """A file as Windows packs it: RIFF counts its bytes from the little end, and pads to even lengths."""
    inside = b"RMID" + before + b"data" + len(data).to_bytes(4, "little") + data + b"\x00" * (len(data) % 2)
    return b"RIFF" + len(inside).to_bytes(4, "little") + inside


def running(first: bytes = b"") -> bytes:
    """All with one status byte, which stands before what interrupts it after the first stroke."""
    out = number(0) + bytes((0x90, LOWEST_PITCH, 70)) + first
    for pitch in range(LOWEST_PITCH, LOWEST_PITCH + NOTES):
        if pitch > LOWEST_PITCH:
            out += number(STEP_TICKS - HELD_TICKS) + bytes((pitch, 70))
        out += number(HELD_TICKS) + bytes((pitch, 0))
    return out


def half(index: int) -> bytes:
    return events(range(LOWEST_PITCH + 36 * index, LOWEST_PITCH + 36 * (index + 1)))


PLAIN: Final = song(events())
TEXT: Final = b"\x00\xff\x01\x03abc"
SYSEX: Final = b"\x00\xf0\x05\x7e\x7f\x09\x01\xf7"
DRUMS: Final = events([36] * 20, channel=9)
VENDOR: Final = chunk(b"XFIH", b"nobody knows")
LIST: Final = b"LIST" + (4).to_bytes(4, "little") + b"INFO"

AWKWARD: Final[dict[str, bytes]] = {
    "plain": PLAIN,
    "film frames, 25 a second of 40 ticks": song(events(), division=-(25 << 8) + 40),
    "film frames, 24 a second": song(events(), division=-(24 << 8) + 40),
    "film frames, 30 drop": song(events(), division=-(29 << 8) + 40),
    "film frames, 30 a second of 80 ticks": song(events(), division=-(30 << 8) + 80),
    "type 2": header(2, 2) + track(half(0)) + track(half(1)),
    "type 0 with two tracks": header(0, 2) + track(half(0)) + track(half(1)),
    "type 7": song(events(), kind=7),
    "velocity of 255": song(events(velocity=255)),
    "velocity of 128": song(events(velocity=128)),
    "controller of 255": song(b"\x00\xb0\x07\xff" + events()),
    "pressure and bend of 255": song(b"\x00\xd0\xff\x00\xe0\xff\xff" + events()),
    "ended by all notes off": song(events(release=b"\xb0\x7b\x00")),
    "ended by all sound off": song(events(release=b"\xb0\x78\x00")),
    "ended by omni off": song(events(release=b"\xb0\x7c\x00")),
    "ended by mono on": song(events(release=b"\xb0\x7e\x01")),
    "ended by a stroke of velocity 0, running": song(running()),
    "key signature of 8 sharps": song(b"\x00\xff\x59\x02\x08\x00" + events()),
    "key signature of 9 flats, mode 7": song(b"\x00\xff\x59\x02\xf7\x07" + events()),
    "key signature of one byte": song(b"\x00\xff\x59\x01\x00" + events()),
    "time signature of two bytes": song(b"\x00\xff\x58\x02\x04\x02" + events()),
    "time signature over 2 to the 255": song(b"\x00\xff\x58\x04\x04\xff\x18\x08" + events()),
    "tempo of two bytes": song(b"\x00\xff\x51\x02\x07\xa1" + events()),
    "tempo of four bytes": song(b"\x00\xff\x51\x04\x07\xa1\x20\x00" + events()),
    "tempo of nought": song(b"\x00\xff\x51\x03\x00\x00\x00" + events()),
    "film offset of nonsense": song(b"\x00\xff\x54\x05\xff\xff\xff\xff\xff" + events()),
    "film offset without bytes": song(b"\x00\xff\x54\x00" + events()),
    "channel prefix of 16": song(b"\x00\xff\x20\x01\x10" + events()),
    "port of two bytes": song(b"\x00\xff\x21\x02\x00\x00" + events()),
    "sequence number of one byte": song(b"\x00\xff\x00\x01\x00" + events()),
    "unknown meta": song(b"\x00\xff\x60\x02\x00\x00" + events()),
    "Japanese text": song(b"\x00\xff\x01\x04\x83\x65\x83\x58" + events()),
    "text over the end": header() + track(events(), end=b"\x00\xff\x01\x7f"),
    "vendor's chunk first": header() + VENDOR + track(events()),
    "vendor's chunk between": header(1, 2) + track(half(0)) + VENDOR + track(half(1)),
    "vendor's chunk last": PLAIN + VENDOR,
    "vendor's chunk counted as a track": header(1, 2) + VENDOR + track(events()),
    "longer header": header(more=b"more") + track(events()),
    "header without tracks counted": header(1, 0) + track(events()),
    "header with too many tracks": header(1, 9) + track(events()),
    "track four bytes too long": header(1, 2) + track(half(0), 4) + track(half(1)),
    "track four bytes too short": header(1, 2) + track(half(0), -4) + track(half(1)),
    "last track four bytes too long": header() + track(events(), 4),
    "last track four bytes too short": header() + track(events(), -4),
    "track one byte too long": header(1, 2) + track(half(0), 1) + track(half(1)),
    "track fifty bytes too short": header(1, 2) + track(half(0), -50) + track(half(1)),
    "track of length 0": header(1, 2) + chunk(b"MTrk", half(0) + END, 0) + track(half(1)),
    "track of endless length": header() + chunk(b"MTrk", events() + END, 0xFFFFFFFF),
    "no end of track": header(1, 2) + track(half(0), end=b"") + track(half(1), end=b""),
    "cut within the end": PLAIN[:-2],
    "cut before the end": PLAIN[:-4],
    "cut within the last release": PLAIN[:-5],
    "rubbish after the end of a track": header(1, 2) + track(half(0), 5, END + b"junk!") + track(half(1)),
    "rubbish after the file": PLAIN + b"\x1a" * 100,
    "notes after the end of a track": header(1, 2) + track(half(0)[:-9] + END + half(0)[-9:]) + track(half(1)),
    "notes after the end of the last track": song(half(0) + END + b"\x64" + half(1)[1:]),
    "padded tracks": header(1, 2) + track(half(0)) + b"\x00" + track(half(1)) + b"\x00",
    "rmi": riff(PLAIN),
    "rmi with a list first": riff(PLAIN, LIST),
    "rmi of a wrong length": riff(PLAIN).replace(len(PLAIN).to_bytes(4, "little"), b"\x00" * 4, 1),
    "old Macintosh": b"\x00\x04song".ljust(128, b"\x00") + PLAIN,
    "marked as UTF-8": b"\xef\xbb\xbf" + PLAIN,
    "running status over text": song(running(TEXT)),
    "running status over a system message": song(running(SYSEX)),
    "running status over a key signature": song(running(b"\x00\xff\x59\x02\x00\x00")),
    "escape": song(b"\x00\xf7\x02\xf3\x01" + events()),
    "system message in pieces": song(b"\x00\xf0\x03\x43\x12\x00\x00\xf7\x03\x43\x12\xf7" + events()),
    "system message with a byte of 255": song(b"\x00\xf0\x03\x43\xff\xf7" + events()),
    "real-time byte between": song(b"\x00\xf8" + events()),
    "song position between": song(b"\x00\xf2\x00\x00\x00\xf3\x01" + events()),
    "drums beside": header(1, 2) + track(events()) + track(DRUMS),
    "two ports": header(1, 2) + track(b"\x00\xff\x21\x01\x00" + half(0)) + track(b"\x00\xff\x21\x01\x01" + half(1)),
}
