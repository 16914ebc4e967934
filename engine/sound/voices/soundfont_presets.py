"""What a SoundFont can play: its presets, and the keys and velocities at which each of them sounds.

Source: SoundFont Technical Specification 2.04, section 7 ("pdta", the hydra) and section 8.1.2 (generators).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import SoundFontError
from engine.parameters.instruments import PERCUSSION_BANK
from engine.sound.voices.soundfonts import list_bytes

FAMILY_PROGRAMS: Final = 8
"""General MIDI lists its programs in families of eight: pianos, chromatic percussion, organs, guitars, ..."""

_KEY_RANGE, _VELOCITY_RANGE, _INSTRUMENT, _SAMPLE = 43, 44, 41, 53
_GENERATOR: Final = np.dtype([("oper", "<u2"), ("low", "u1"), ("high", "u1")])
_ZONE: Final = np.dtype([("generators", "<u2"), ("modulators", "<u2")])
_RECORDS: Final = {
    "phdr": np.dtype([("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("zones", "<u2"), ("more", "V12")]),
    "pbag": _ZONE,
    "pgen": _GENERATOR,
    "inst": np.dtype([("name", "S20"), ("zones", "<u2")]),
    "ibag": _ZONE,
    "igen": _GENERATOR,
}

_EVERYTHING: Final = {_KEY_RANGE: (0, 127), _VELOCITY_RANGE: (0, 127)}

_Generator = tuple[int, int, int]
_Zone = dict[int, tuple[int, int]]
Coverage = NDArray[np.bool_]
"""[128 keys, 128 velocities]: whether a note sounds."""


@dataclass(frozen=True, eq=False)
class Preset:
    """One preset: General MIDI `bank` and `program`, and the notes that it can play."""

    bank: int
    program: int
    name: str
    playable: Coverage


def read_presets(path: Path) -> list[Preset]:
    """The presets of a SoundFont that can sound at all. Raises `SoundFontError` where its lists are damaged."""
    try:
        records = _records(path)
        presets = list(_presets(records))
    except (OSError, ValueError, IndexError, KeyError) as problem:
        raise SoundFontError(f"SoundFont {path}: its list of presets is damaged ({problem}); name another") from problem
    return [preset for preset in presets if preset.playable.any()]


def nearest_preset(presets: Sequence[Preset], bank: int, program: int) -> Preset | None:
    """The preset for a program: itself, else the nearest of its family, else the nearest of all; None for none.

    Drums and pitched instruments do not stand in for one another.
    """
    drums = bank == PERCUSSION_BANK
    alike = [preset for preset in presets if (preset.bank == PERCUSSION_BANK) == drums]

    def distance(preset: Preset) -> tuple[bool, int, bool]:
        other_family = preset.program // FAMILY_PROGRAMS != program // FAMILY_PROGRAMS
        return other_family, abs(preset.program - program), preset.bank != bank

    return min(alike, key=distance, default=None)


def _records(path: Path) -> dict[str, NDArray[np.void]]:
    """The lists of the "pdta" chunk, by name."""
    found: dict[str, NDArray[np.void]] = {}
    for name, body in _chunks(_pdta(path)):
        if name in _RECORDS:
            kind = _RECORDS[name]
            found[name] = np.frombuffer(body[: len(body) - len(body) % kind.itemsize], kind)
    return found


def _pdta(path: Path) -> bytes:
    """What lies in the chunk "pdta"; the samples before it are passed over by their length."""
    with path.open("rb") as file:
        if size := list_bytes(file, b"pdta"):
            return file.read(size)
    raise ValueError("no pdta chunk")


def _chunks(data: bytes) -> Iterator[tuple[str, bytes]]:
    place = 0
    while place + 8 <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        yield data[place : place + 4].decode("ascii", "replace"), data[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _presets(records: dict[str, NDArray[np.void]]) -> Iterator[Preset]:
    zones, generators = records["ibag"]["generators"].tolist(), records["igen"].tolist()
    instruments = [
        list(_with_target(_zones(zones, generators, first, end), _SAMPLE))
        for first, end in pairwise(records["inst"]["zones"].tolist())
    ]
    zones, generators = records["pbag"]["generators"].tolist(), records["pgen"].tolist()
    for header, (first, end) in zip(records["phdr"], pairwise(records["phdr"]["zones"].tolist()), strict=False):
        playable = np.zeros((128, 128), dtype=np.bool_)
        for outer, number in _with_target(_zones(zones, generators, first, end), _INSTRUMENT):
            for inner, _ in instruments[number]:
                keys, velocities = _shared(outer.keys, inner.keys), _shared(outer.velocities, inner.velocities)
                playable[keys, velocities] = True
        name = header["name"].split(b"\0")[0].decode("latin-1").strip()
        yield Preset(int(header["bank"]), int(header["program"]), name, playable)


class _Span(NamedTuple):
    """Lowest and highest key, lowest and highest velocity."""

    keys: tuple[int, int]
    velocities: tuple[int, int]


def _shared(one: tuple[int, int], other: tuple[int, int]) -> slice:
    return slice(max(one[0], other[0]), min(one[1], other[1]) + 1)


def _zones(zones: Sequence[int], generators: Sequence[_Generator], first: int, end: int) -> Iterator[_Zone]:
    """Generators of each zone of one preset or instrument, by what they set."""
    for zone in range(first, end):
        yield {oper: (low, high) for oper, low, high in generators[zones[zone] : zones[zone + 1]]}


def _with_target(zones: Iterator[_Zone], target: int) -> Iterator[tuple[_Span, int]]:
    """(notes, number of instrument or sample) of zones that have one; a first zone without is global: it bounds all."""
    overall: _Zone = {}
    for number, zone in enumerate(zones):
        if target not in zone:
            overall = zone if number == 0 else overall
            continue
        ranges = {**_EVERYTHING, **overall, **zone}
        low, high = zone[target]
        yield _Span(ranges[_KEY_RANGE], ranges[_VELOCITY_RANGE]), low + 256 * high
