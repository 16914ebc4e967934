"""Reading sound for a record: what is too long is refused before memory is taken for it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.album.plan.sources import find_texture
from engine.album.sound_files.audio_files import read_audio
from engine.errors import RecordError


def long_file(path: Path) -> Path:
    """Six hours of silence in stereo, which take no room on the disk."""
    soundfile.write(path, np.zeros((48_000, 2)), 48_000, format="WAV", subtype="PCM_16")
    data_bytes = 6 * 3600 * 48_000 * 4
    with path.open("r+b") as file:
        for place, size in ((4, data_bytes + 36), (40, data_bytes)):
            file.seek(place)
            file.write(struct.pack("<I", size))
        file.truncate(44 + data_bytes)
    return path


def lying_file(path: Path) -> Path:
    """A second of sound, whose header tells of all the frames that a FLAC can have (RFC 9639, 8.2)."""
    soundfile.write(path, np.full((48_000, 2), 0.1), 48_000, format="FLAC")
    contents = bytearray(path.read_bytes())
    contents[21] |= 0x0F
    contents[22:26] = b"\xff" * 4
    path.write_bytes(bytes(contents))
    return path


@pytest.mark.parametrize("made", [long_file, lying_file])
def test_what_is_too_long_is_refused_by_its_header(tmp_path: Path, made: Callable[[Path], Path]) -> None:
    path = made(tmp_path / "hours.wav")
    with pytest.raises(RecordError, match=r"hours\.wav: is \d+ minutes long; .* at most 60 minutes are read"):
        read_audio(path)
    with pytest.raises(RecordError, match=r"texture .*hours\.wav: is \d+ minutes long; .* at most 10 minutes"):
        find_texture("hours.wav", tmp_path)


def test_what_is_no_sound_is_refused_with_what_is(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(RecordError, match="give a WAV, FLAC, OGG or MP3"):
        read_audio(tmp_path / "text.wav")
