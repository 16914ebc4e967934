"""The recordings inside a SoundFont, as they are: without envelope, filter or loop.

Source: SoundFont Technical Specification 2.04, sections 4.2 (chunks) and 7.10 (sample headers).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

_HEADER: Final = struct.Struct("<20sIIIIIBbHH")
_SAMPLE, _ROOT = 53, 58
"""Generators: which sample a zone plays, and at which pitch it is untransposed."""
_FULL_SCALE: Final = 32768.0


@dataclass(frozen=True)
class Sample:
    """A stereo recording: `sound` [frames, 2]; frames per second; the frames between which a player goes round."""

    sound: NDArray[np.float32]
    rate_hz: int
    loop: tuple[int, int]


class SoundFontSamples:
    """What a file of form sfbk holds. Raises ValueError where it is none."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
            raise ValueError(f"{path}: no SoundFont; name an .sf2 file")
        chunks = dict(_chunks(data, 12, len(data)))
        self._frames = np.frombuffer(chunks[b"smpl"], np.int16)
        self._headers = [
            _HEADER.unpack_from(chunks[b"shdr"], at) for at in range(0, len(chunks[b"shdr"]), _HEADER.size)
        ]
        self._roots = _roots(chunks)

    def stereo(self, name: str) -> Iterator[tuple[int, Sample]]:
        """MIDI pitch and recording of every pair whose name begins with `name` and ends with (L) and (R)."""
        named = {one[0].split(b"\0")[0].decode("latin-1"): one for one in self._headers}
        numbers = {one: number for number, one in enumerate(named)}
        for left_name in sorted(one for one in named if one.startswith(name) and one.endswith("(L)")):
            left, right = named[left_name], named[left_name.replace("(L)", "(R)")]
            frames = min(left[2] - left[1], right[2] - right[1])
            sides = [self._frames[side[1] : side[1] + frames] / np.float32(_FULL_SCALE) for side in (left, right)]
            loop = (left[3] - left[1], left[4] - left[1])
            yield self._roots.get(numbers[left_name], left[6]), Sample(np.stack(sides, axis=1), left[5], loop)


def _roots(chunks: dict[bytes, bytes]) -> dict[int, int]:
    """The pitch that zones of instruments give to a sample, by its number; it goes before the one in its header."""
    bags = [begin for begin, _ in struct.iter_unpack("<HH", chunks[b"ibag"])]
    generators = list(struct.iter_unpack("<HH", chunks[b"igen"]))
    zones = (dict(generators[begin:end]) for begin, end in pairwise(bags))
    return {zone[_SAMPLE]: zone[_ROOT] for zone in zones if _SAMPLE in zone and _ROOT in zone}


def _chunks(data: bytes, begin: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Every chunk by name, lists opened."""
    place = begin
    while place + 8 <= end:
        name, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        if name == b"LIST":
            yield from _chunks(data, place + 12, place + 8 + size)
        else:
            yield name, data[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
