"""Finished sound as files: 24-bit FLAC and WAV with tags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.album.plan.lengths import check_length
from engine.album.plan.sheet import LONGEST_S
from engine.errors import RecordError

BITS: Final = 24
BLOCK_FRAMES: Final = 1 << 18
_FORMATS: Final = {".flac": "FLAC", ".wav": "WAV"}
_COMPRESSION: Final = 0.5
"""FLAC's level 4: as small as the usual 5 to a hundredth, in four fifths of the time."""


@dataclass(frozen=True)
class Tags:
    """What players show; empty ones are left out."""

    title: str = ""
    artist: str = ""
    album: str = ""
    tracknumber: str = ""
    comment: str = ""
    software: str = ""
    license: str = ""


def write_audio(path: Path, pieces: Iterable[NDArray[np.float32] | NDArray[np.int32]], rate_hz: int, tags: Tags) -> int:
    """Write stereo pieces [frames, 2] one after another as 24 bit, FLAC or WAV by the name; returns the frames.

    The same sound and tags give the same bytes. Raises `RecordError` naming the file.
    """
    frames = 0
    kind = _FORMATS[path.suffix.lower()]
    level = _COMPRESSION if kind == "FLAC" else None
    try:
        with soundfile.SoundFile(
            path, "w", rate_hz, 2, subtype=f"PCM_{BITS}", format=kind, compression_level=level
        ) as file:
            for name, value in asdict(tags).items():
                if value:
                    setattr(file, name, value)
            for piece in pieces:
                file.write(piece if piece.dtype == np.int32 else whole_numbers(piece))
                frames += len(piece)
    except (OSError, RuntimeError) as error:
        raise RecordError(f"{path}: cannot be written ({error}); is there room, and a right to write?") from error
    return frames


def whole_numbers(sound: NDArray[Any]) -> NDArray[np.int32]:
    """Sound at 24 bits, in the upper bits of 32; libraries round differently for FLAC and WAV, and these must not.

    32-bit floats hold 24 bits exactly, so nothing is lost on the way.
    """
    steps = np.rint(np.asarray(sound, np.float32) * np.float32(2 ** (BITS - 1)))
    np.clip(steps, -(2.0 ** (BITS - 1)), 2.0 ** (BITS - 1) - 1, out=steps)
    return steps.astype(np.int32) << (32 - BITS)


def blocks(sound: NDArray[np.float32], gain: NDArray[np.float32] | None = None) -> Iterable[NDArray[np.float32]]:
    """`sound` [frames, 2] in blocks, times `gain` [frames, 1] where there is one; for what is too long to copy."""
    for start in range(0, len(sound), BLOCK_FRAMES):
        piece = np.asarray(sound[start : start + BLOCK_FRAMES])
        yield piece if gain is None else piece * gain[start : start + BLOCK_FRAMES]


def whole_blocks(path: Path) -> Iterable[NDArray[np.int32]]:
    """A file [frames, channels] in blocks of whole numbers, which `write_audio` passes on as they are."""
    yield from soundfile.blocks(path, BLOCK_FRAMES, dtype="int32", always_2d=True)


def read_audio(path: Path) -> tuple[NDArray[np.float32], int]:
    """A file as [frames, channels] float32 and its rate. Raises `RecordError`, also where it is longer than a track.

    Its header is asked first, and may be damaged: what it claims must not be what memory is taken for.
    """
    try:
        header = soundfile.info(path)
        check_length(header, str(path), LONGEST_S)
        sound, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise RecordError(f"{path}: cannot be read as audio ({error}); give a WAV, FLAC, OGG or MP3") from None
    return sound, int(rate_hz)
