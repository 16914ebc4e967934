"""What the room heard, as one WAV file, even when the room died on the way.

Pd writes the file. When it is killed its header is left unfinished and its successor starts a file of
its own, so at the end the parts are repaired and joined, with silence for the time in which nothing
played. Leading silence (before the first reel) is taken out without rewriting the file.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from engine.errors import AmeublementError

MOST_BYTES: Final = 4_000_000_000
"""A WAV file counts its bytes with 32 bits."""
COPY_BYTES: Final = 1 << 20
NOT_SILENT: Final = 1e-5
LONGEST_SILENCE_S: Final = 60.0
CHUNK_FRAMES: Final = 4096
FLOATS: Final = 3
CLOSES_S: Final = 1.0
"""The room closes it somewhat before it ends itself."""
CARDS_SECOND: Final = 3e-4
"""No card's second is further from a second."""


@dataclass(frozen=True, slots=True)
class WavLayout:
    """Where the frames lie in a WAV file, from its chunks, or from its size where the header is unfinished."""

    format_tag: int
    channels: int
    sample_rate_hz: int
    bits: int
    data_offset: int
    data_bytes: int

    @property
    def frame_bytes(self) -> int:
        return self.channels * self.bits // 8

    @property
    def frames(self) -> int:
        return self.data_bytes // self.frame_bytes

    @property
    def length_s(self) -> float:
        return self.frames / self.sample_rate_hz


def read_layout(path: Path) -> WavLayout:
    """Raises AmeublementError when the file is no WAV file or ends before its frames begin."""
    size = path.stat().st_size
    format_chunk = b""
    with path.open("rb") as file:
        if file.read(12)[8:] != b"WAVE":
            raise AmeublementError(f"{path} is no WAV file")
        while len(header := file.read(8)) == 8:
            name, length = header[:4], int.from_bytes(header[4:], "little")
            if name == b"data" and len(format_chunk) >= 16:
                tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", format_chunk[:16])
                if not channels * (bits // 8):
                    raise AmeublementError(f"{path}: its header tells of no channels or no bits; it is damaged")
                start = file.tell()
                data = _data_bytes(file, length, size - start)
                return WavLayout(tag, channels, rate, bits, start, data - data % (channels * (bits // 8)))
            chunk = file.read(min(length + length % 2, size))  # a damaged header may claim gigabytes
            if name == b"fmt ":
                format_chunk = chunk
    raise AmeublementError(f"{path} ends before any sound")


def _data_bytes(file: BinaryIO, told: int, there: int) -> int:
    """How many of the bytes that are `there` are sound, where the header has `told` a number.

    A header that is unfinished tells of none, and Pd's of some frames too few: what follows the sound and is not made
    of whole chunks is sound as well.
    """
    if not 0 < told <= there:
        return there
    begin = file.tell()
    place, end = begin + told + told % 2, begin + there
    while place + 8 <= end:
        file.seek(place)
        header = file.read(8)
        if not (header[:4].isascii() and header[:4].decode("ascii").isprintable()):
            return there
        place += 8 + int.from_bytes(header[4:], "little")
        place += place % 2
    return told if place in (end, end + 1) else there


def _write_header(path: Path, layout: WavLayout, first_frame: int) -> None:
    """Make `path` a correct WAV file that begins at `first_frame`, in place: what precedes becomes a JUNK chunk."""
    start = layout.data_offset + first_frame * layout.frame_bytes
    size = path.stat().st_size
    block = layout.frame_bytes
    rate = layout.sample_rate_hz
    head = b"fmt " + struct.pack(
        "<IHHIIHH", 16, layout.format_tag, layout.channels, rate, rate * block, block, layout.bits
    )
    head += b"data" + struct.pack("<I", size - start)
    junk_bytes = start - len(head) - 12 - 8
    with path.open("r+b") as file:
        file.write(b"RIFF" + struct.pack("<I", size - 8) + b"WAVE")
        if junk_bytes >= 0:
            file.write(b"JUNK" + struct.pack("<I", junk_bytes))
            file.seek(start - len(head))
        file.write(head)


def _first_sound_frame(path: Path, layout: WavLayout) -> int:
    """The first frame that is not digital silence; 0 where there is none within `LONGEST_SILENCE_S`."""
    block = layout.frame_bytes
    with path.open("rb") as file:
        file.seek(layout.data_offset)
        for done in range(0, min(layout.frames, round(LONGEST_SILENCE_S * layout.sample_rate_hz)), CHUNK_FRAMES):
            chunk = file.read(CHUNK_FRAMES * block)
            if any(chunk):
                for at in range(0, len(chunk), block):
                    if any(abs(value) > NOT_SILENT for value in _values(chunk[at : at + block], layout)):
                        return done + at // block
    return 0


def _values(frame: bytes, layout: WavLayout) -> Sequence[float]:
    """The values of one frame, full scale being 1: 32-bit floats, or whole numbers of any width."""
    if layout.format_tag == FLOATS:
        return array("f", frame)
    width = layout.bits // 8
    steps = (int.from_bytes(frame[at : at + width], "little", signed=True) for at in range(0, len(frame), width))
    return [step / 2 ** (layout.bits - 1) for step in steps]


@dataclass
class Recording:
    """The recording of one run at `path`. Times are monotonic seconds."""

    path: Path
    _parts: list[tuple[Path, float]] = field(default_factory=list)
    begins_s: float = 0.0
    """When its first frame was played, known once it is finished."""
    ends_s: float = 0.0
    """When its last one was, had none been lost."""

    def check(self) -> None:
        """Raises AmeublementError where the name is not one of such a file."""
        if self.path.suffix.lower() != ".wav":
            raise AmeublementError(f"--record {self.path}: give a file name that ends in .wav")

    def begin(self) -> None:
        """Nothing of an earlier recording is taken for this one, even where no room comes to record."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(b"")

    def next_part(self, now_s: float) -> Path:
        """Where the room that starts now should record to."""
        number = len(self._parts) + 1
        path = self.path if number == 1 else self.path.with_name(f"{self.path.stem}.part{number}.wav")
        self._parts.append((path.resolve(), now_s))
        return path.resolve()

    @property
    def full(self) -> bool:
        """No more fits into one WAV file."""
        try:
            return sum(part.stat().st_size for part, _ in self._parts) > MOST_BYTES
        except OSError:
            return False

    def finish(self) -> float:
        """Repair and join the parts; the length in seconds of what `path` then holds, 0 when nothing was recorded."""
        parts = []
        for part, start_s in self._parts:
            try:
                parts.append((part, start_s, read_layout(part)))
            except (OSError, AmeublementError):
                continue
        if not parts:
            return 0.0
        whole, begin_s, layout = parts[0]
        os.truncate(whole, layout.data_offset + layout.data_bytes)
        with whole.open("ab") as target:
            end_s = begin_s + layout.length_s
            for part, start_s, more in parts[1:]:
                gap = max(0, round((start_s - end_s) * layout.sample_rate_hz))
                target.write(bytes(gap * layout.frame_bytes))
                _append(part, more, target)
                end_s = end_s + gap / layout.sample_rate_hz + more.length_s
                part.unlink()
        if whole != self.path.resolve():
            os.replace(whole, self.path)
        first = _first_sound_frame(self.path, layout)
        _write_header(self.path, layout, first)
        self.begins_s, self.ends_s = begin_s + first / layout.sample_rate_hz, end_s
        return end_s - self.begins_s

    def missing_s(self, stopped_s: float) -> float:
        """How much it lacks, once it is finished, of what was played until `stopped_s`; 0 where that is little enough
        to be a sound card's own idea of a second.

        Pd throws away what a disk that stands still for long does not take, and says nothing of it.
        """
        tolerance_s = CLOSES_S + CARDS_SECOND * (stopped_s - self.begins_s)
        missing_s = stopped_s - self.ends_s
        return missing_s if missing_s > tolerance_s else 0.0


def _append(part: Path, layout: WavLayout, target: BinaryIO) -> None:
    left = layout.data_bytes
    with part.open("rb") as source:
        source.seek(layout.data_offset)
        while left and (chunk := source.read(min(COPY_BYTES, left))):
            target.write(chunk)
            left -= len(chunk)
