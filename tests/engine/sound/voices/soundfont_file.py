"""Small SoundFonts, written to the SoundFont Technical Specification 2.04, for what real ones lack."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RATE_HZ = 22_050
FRAMES = 11_025


@dataclass(frozen=True)
class SmallPreset:
    """A preset of one looped sine wave."""

    bank: int = 0
    program: int = 0
    keys: tuple[int, int] = (0, 127)
    velocities: tuple[int, int] = (0, 127)


def write_soundfont(path: Path, presets: Sequence[SmallPreset], peak: float = 0.5) -> Path:
    """Writes a SoundFont whose presets play a sine wave of this peak."""
    sine = np.sin(2 * np.pi * 441 * np.arange(FRAMES) / RATE_HZ) * peak * 32_767
    samples = np.concatenate([sine, np.zeros(46)]).astype("<i2").tobytes()
    info = _chunk(b"ifil", struct.pack("<HH", 2, 4)) + _chunk(b"isng", b"EMU8000\0") + _chunk(b"INAM", b"small\0")
    body = _list(b"INFO", info) + _list(b"sdta", _chunk(b"smpl", samples)) + _list(b"pdta", _hydra(presets))
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body) + 4) + b"sfbk" + body)
    return path


def _hydra(presets: Sequence[SmallPreset]) -> bytes:
    count = len(presets)
    headers = b"".join(
        struct.pack("<20sHHHIII", f"preset {number}".encode(), one.program, one.bank, number, 0, 0, 0)
        for number, one in enumerate(presets)
    ) + struct.pack("<20sHHHIII", b"EOP", 0, 0, count, 0, 0, 0)
    preset_zones = b"".join(struct.pack("<HH", 3 * number, 0) for number in range(count + 1))
    preset_generators = b"".join(
        struct.pack("<HBB", 43, *one.keys) + struct.pack("<HBB", 44, *one.velocities) + struct.pack("<HH", 41, 0)
        for one in presets
    )
    instrument = struct.pack("<20sH", b"sine", 0) + struct.pack("<20sH", b"EOI", 1)
    instrument_zones = struct.pack("<HHHH", 0, 0, 2, 0)
    looped = struct.pack("<HHHH", 54, 1, 53, 0)
    sample = struct.pack("<20sIIIIIBbHH", b"sine", 0, FRAMES, 50, FRAMES - 25, RATE_HZ, 69, 0, 0, 1)
    end = struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    none = b"\0" * 10
    return b"".join(
        _chunk(name, data)
        for name, data in (
            (b"phdr", headers),
            (b"pbag", preset_zones),
            (b"pmod", none),
            (b"pgen", preset_generators + b"\0" * 4),
            (b"inst", instrument),
            (b"ibag", instrument_zones),
            (b"imod", none),
            (b"igen", looped + b"\0" * 4),
            (b"shdr", sample + end),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list(name: bytes, data: bytes) -> bytes:
    return b"LIST" + struct.pack("<I", len(data) + 4) + name + data
