"""Audio of any kind is read as it is, and as much of it as there is."""

from __future__ import annotations

import resource
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import TextureError
from models.textures.audio import audio_input
from models.textures.audio.audio_input import read_frames, read_mono

RATE_HZ = 8_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sound.wav"
    soundfile.write(path, np.random.default_rng(1).uniform(-0.5, 0.5, (RATE_HZ, 2)), RATE_HZ, subtype="FLOAT")
    return path


def test_all_frames_or_the_first_seconds(file: Path) -> None:
    whole, _ = soundfile.read(file, dtype="float32")
    sound, rate_hz = read_frames(file)
    assert rate_hz == RATE_HZ
    assert np.array_equal(sound, whole)
    assert np.array_equal(read_frames(file, 0.25)[0], whole[: RATE_HZ // 4])
    assert np.allclose(read_mono(file, RATE_HZ), whole.mean(axis=1))


def test_a_header_that_claims_a_billion_frames_costs_no_memory(file: Path) -> None:
    contents = bytearray(file.read_bytes())
    at = contents.index(b"data") + 4
    contents[at : at + 4] = struct.pack("<I", 2**32 - 16)
    file.write_bytes(contents)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(read_frames(file)[0]) == RATE_HZ
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 50_000


def test_what_is_longer_than_fits_into_memory_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_input, "MOST_VALUES", RATE_HZ)
    with pytest.raises(TextureError, match=r"sound\.wav: longer than fits into memory"):
        read_frames(file)
    assert len(read_frames(file, 0.5)[0]) == RATE_HZ // 2
    monkeypatch.setattr(audio_input, "MOST_VALUES", 2 * RATE_HZ)
    assert len(read_frames(file)[0]) == RATE_HZ


def test_what_is_no_audio_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.flac").write_bytes(b"fLaC")
    with pytest.raises(TextureError, match=r"x\.flac: cannot be read as audio"):
        read_frames(tmp_path / "x.flac")
