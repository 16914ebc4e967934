"""From a file's bytes to songs that a strict parser reads: chunks are found and cut right.

It reads RIFF files (.rmi), files with a foreign header before their own, vendors' chunks anywhere, several files one
behind the other, and tracks whose lengths are wrong, as they were meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from engine.errors import MidiError
from engine.music.midi.track_bytes import TRACK, is_chunk, mended_track

HEADER: Final = b"MThd"
HEADER_BYTES: Final = 14
LATEST_HEADER: Final = 4_096
"""So many bytes of another format may stand before the header: RIFF, an old Macintosh's, a mark of UTF-8."""
PATTERNS: Final = 2
"""Type of a file whose tracks are pieces of their own."""
_OURS: Final = re.compile(rb"MTrk|MThd")


@dataclass
class Song:
    """What one header stands before. `kind` is the file's type, `division` how it counts time, as in the header."""

    kind: int
    division: int
    tracks: list[bytes] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What of it was lost."""

    def parts(self) -> Iterator[bytes]:
        """Whole files of type 1 for a strict parser; one, or of independent patterns one for each."""
        groups = [[track] for track in self.tracks] if self.kind == PATTERNS else [self.tracks]
        for tracks in groups:
            head = (1, len(tracks), self.division & 0xFFFF)
            chunks = [HEADER + _four(6) + b"".join(value.to_bytes(2, "big") for value in head)]
            yield b"".join([*chunks, *(TRACK + _four(len(track)) + track for track in tracks)])


def songs_in(data: bytes) -> list[Song]:
    """The songs of a file, in order; raises `MidiError`, without the file's name, where there is none."""
    at: int | None = data.find(HEADER, 0, LATEST_HEADER)
    if at == -1:
        raise MidiError("is not a MIDI file: no header MThd; export it as a Standard MIDI File")
    songs: list[Song] = []
    while at is not None:
        name, body = data[at : at + 4], at + 8
        end = body + int.from_bytes(data[at + 4 : body], "big")
        if name == HEADER:
            songs.append(_song(data, at))
            end = end if is_chunk(data, at) else at + HEADER_BYTES
        elif name == TRACK:
            end = _take_track(data, body, end, songs[-1])
        at = _next_chunk(data, end)
    if not any(song.tracks for song in songs):
        raise MidiError("holds no track; it was cut off, or is damaged: export it again")
    return [song for song in songs if song.tracks]


def _song(data: bytes, at: int) -> Song:
    values = data[at + 8 : at + HEADER_BYTES]
    if len(values) < HEADER_BYTES - 8:
        raise MidiError("ends within its header; it was cut off: export or copy it again")
    division = int.from_bytes(values[4:6], "big", signed=True)
    if division & 0xFF == 0 and (division <= 0):
        raise MidiError("counts 0 ticks to a beat, so that no time can be told; export it again from a sequencer")
    return Song(int.from_bytes(values[:2], "big"), division)


def _take_track(data: bytes, start: int, claimed_end: int, song: Song) -> int:
    """Adds a track to its song; returns where it ended."""
    track = mended_track(data, start, claimed_end)
    song.tracks.append(track.body)
    here = f"track {len(song.tracks)}"
    following = _next_chunk(data, track.end)
    left_out = data[track.end : min(len(data), claimed_end) if following is None else following]
    if track.trouble:
        song.remarks.append(f"{here}: {track.trouble}; what comes before is kept")
    elif left_out.strip(b"\x00"):
        song.remarks.append(f"{here}: {len(left_out)} bytes after its end are left out")
    return track.end


def _next_chunk(data: bytes, at: int) -> int | None:
    """Where the next chunk begins: here, or else at the next that is known, padding and rubbish skipped."""
    if is_chunk(data, at):
        return at
    found = _OURS.search(data, at)
    return found.start() if found else None


def _four(number: int) -> bytes:
    return number.to_bytes(4, "big")
