"""Audio as people have it: all parts of a chain, headers that claim nothing, formats that need ffmpeg."""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import TextureError
from engine.files.audio.audio_file import AudioFile

RATE_HZ = 16_000
SECONDS = np.arange(2 * RATE_HZ) / RATE_HZ
LOW, HIGH = (np.asarray(0.3 * np.sin(2 * np.pi * hz * SECONDS), np.float32) for hz in (220, 1760))
KINDS = {
    "WAV": "PCM_16",
    "WAVEX": "PCM_24",
    "RF64": "PCM_16",
    "W64": "PCM_16",
    "CAF": "PCM_16",
    "AU": "PCM_16",
    "AIFF": "PCM_16",
    "FLAC": "PCM_16",
    "OGG": "VORBIS",
    "MP3": "MPEG_LAYER_III",
}
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def encoded(sound: np.ndarray, kind: str, subtype: str | None = None, rate_hz: int = RATE_HZ) -> bytes:
    sink = io.BytesIO()
    soundfile.write(sink, sound, rate_hz, format=kind, subtype=subtype or KINDS.get(kind))
    return sink.getvalue()


def read(path: Path, data: bytes) -> np.ndarray:
    path.write_bytes(data)
    with AudioFile(path) as file:
        sound = file.read(file.frames + 1)
        assert len(sound) == file.frames
    return sound


def strongest_hz(sound: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound[:, 0]))) * RATE_HZ / len(sound))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read(kind: str, tmp_path: Path) -> None:
    sound = read(tmp_path / "sound", encoded(LOW, kind))
    assert len(sound) == len(LOW)
    assert strongest_hz(sound) == pytest.approx(220, abs=1)


@pytest.mark.parametrize("kind", ["OGG", "FLAC", "MP3", "WAV", "AIFF"])
@pytest.mark.parametrize("parts", [2, 3])
def test_all_parts_of_a_chain(kind: str, parts: int, tmp_path: Path) -> None:
    """As `cat a b` makes it; libsndfile alone gives the first part, or refuses."""
    chain = [LOW, HIGH, LOW][:parts]
    sound = read(tmp_path / "chain", b"".join(encoded(one, kind) for one in chain))
    assert len(sound) == parts * len(LOW)
    heard = [strongest_hz(piece) for piece in np.split(sound, parts)]
    assert heard == pytest.approx([220, 1760, 220][:parts], abs=1)


def test_a_chain_of_opus_and_vorbis(tmp_path: Path) -> None:
    sound = read(tmp_path / "a.ogg", encoded(LOW, "OGG", "OPUS") + encoded(HIGH, "OGG", "VORBIS"))
    assert [strongest_hz(piece) for piece in np.split(sound, 2)] == pytest.approx([220, 1760], abs=1)


def test_a_chain_is_sought_in(tmp_path: Path) -> None:
    path = tmp_path / "chain.flac"
    whole = read(path, encoded(LOW, "FLAC") + encoded(HIGH, "FLAC"))
    with AudioFile(path) as file:
        for frame in (40_000, 100, 31_990, 63_999, 64_000):
            file.seek(frame)
            assert np.array_equal(file.read(50), whole[frame : frame + 50])


def test_a_chain_of_one_and_two_channels_and_of_two_rates(tmp_path: Path) -> None:
    both = np.stack([LOW, HIGH], axis=1)
    sound = read(tmp_path / "a.flac", encoded(LOW, "FLAC") + encoded(both, "FLAC"))
    assert sound.shape == (4 * RATE_HZ, 2)
    assert np.array_equal(sound[: 2 * RATE_HZ, 0], sound[: 2 * RATE_HZ, 1])
    with pytest.raises(TextureError, match=r"b\.flac: its parts have rates of 8000 and 16000 Hz; convert them to one"):
        read(tmp_path / "b.flac", encoded(LOW, "FLAC") + encoded(LOW, "FLAC", rate_hz=8_000))


def with_size(data: bytes, name: bytes, size: bytes, skip: int = 4) -> bytes:
    at = data.index(name) + skip
    return data[:at] + size + data[at + len(size) :]


WAV = encoded(LOW, "WAV")
CLAIMS = {
    "WAV of 0 bytes": with_size(WAV, b"data", bytes(4)),
    "WAV of 0 bytes in a RIFF of 0": with_size(with_size(WAV, b"data", bytes(4)), b"RIFF", bytes(4)),
    "WAV as of the last time its recorder wrote": with_size(WAV, b"data", struct.pack("<I", 4_000)),
    "WAV of endless length": with_size(WAV, b"data", b"\xff" * 4),
    "WAV with a list before its data": with_size(WAV[:36] + b"LIST\x04\x00\x00\x00INFO" + WAV[36:], b"data", bytes(4)),
    "24 bits of 0 bytes": with_size(encoded(LOW, "WAVEX"), b"data", bytes(4)),
    "RF64 of 0 bytes": with_size(encoded(LOW, "RF64"), b"ds64", bytes(24), 8),
    "AU of 0 bytes": with_size(encoded(LOW, "AU"), b".snd", bytes(4), 8),
    "CAF of open length": with_size(encoded(LOW, "CAF"), b"data", b"\xff" * 8),
    "CAF of 0 bytes": with_size(encoded(LOW, "CAF"), b"data", bytes(8)),
    "AIFF of 0 bytes": with_size(with_size(encoded(LOW, "AIFF"), b"SSND", bytes(4)), b"FORM", bytes(4)),
    "W64 of 0 bytes": with_size(encoded(LOW, "W64"), b"data\xf3\xac", bytes(8), 16),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_headers_are_mended_from_the_size_of_the_file(name: str, tmp_path: Path) -> None:
    sound = read(tmp_path / "sound.wav", CLAIMS[name])
    assert len(sound) / RATE_HZ == 2.0
    assert strongest_hz(sound) == pytest.approx(220, abs=1)


def test_what_follows_the_sound_is_no_sound(tmp_path: Path) -> None:
    """A list after the data of a whole file; and a file that truly holds nothing."""
    assert len(read(tmp_path / "a.wav", WAV + b"LIST\x04\x00\x00\x00INFO")) == 2 * RATE_HZ
    assert len(read(tmp_path / "b.wav", encoded(LOW[:0], "WAV"))) == 0


def test_a_page_that_was_cut_off_does_not_cost_the_pages_before(tmp_path: Path) -> None:
    data = encoded(np.tile(LOW, 10), "OGG")
    assert len(read(tmp_path / "a.ogg", data[: len(data) * 2 // 3])) > 10 * RATE_HZ


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.aiff", "a.caf"])
@pytest.mark.parametrize(
    "data", [b"", b"no sound at all", b"RIFF\x00\x00\x00\x00WAVE", b"OggS" + bytes(40)], ids=range(4)
)
def test_no_sound_is_refused_by_name_with_what_to_do(name: str, data: bytes, tmp_path: Path) -> None:
    with pytest.raises(TextureError, match=rf"{name}: .*(use WAV|export it)"):
        read(tmp_path / name, data)
    with pytest.raises(TextureError, match=r"gone\.wav: there is no such file"):
        AudioFile(tmp_path / "gone.wav")


def test_without_ffmpeg_the_file_and_the_program_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    for name in ("a.m4a", "a.stem.mp4", "a.wma"):
        with pytest.raises(TextureError, match=rf"{name}: cannot be read without ffmpeg; install the program ffmpeg"):
            read(tmp_path / name, b"\x00\x00\x00\x20ftypM4A ")


@needs_ffmpeg
@pytest.mark.parametrize("name", ["a.m4a", "a.mp4", "a.mka", "a.wma", "-odd, name: [x].m4a"])
def test_with_ffmpeg_other_formats_are_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(WAV)
    command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "a.wav"), f"file:{tmp_path / name}"]
    subprocess.run(command, check=True)
    with AudioFile(tmp_path / name) as file:
        sound = file.read(file.frames)
    assert len(sound) / file.samplerate == pytest.approx(2.0, abs=0.15)
    assert strongest_hz(sound) * file.samplerate / RATE_HZ == pytest.approx(220, abs=5)


@needs_ffmpeg
def test_with_ffmpeg_a_stem_is_the_track_of_that_number(tmp_path: Path) -> None:
    for name, sound in (("low", LOW), ("high", HIGH)):
        (tmp_path / f"{name}.wav").write_bytes(encoded(sound, "WAV"))
    inputs = [part for name in ("low", "high") for part in ("-i", str(tmp_path / f"{name}.wav"))]
    stems = str(tmp_path / "a.stem.mp4")
    subprocess.run(["ffmpeg", "-v", "error", *inputs, "-map", "0:a", "-map", "1:a", stems], check=True)
    for track, wanted_hz in enumerate((220, 1760)):
        with AudioFile(Path(stems), track) as file:
            assert strongest_hz(file.read(file.frames)) == pytest.approx(wanted_hz, abs=5)
    with pytest.raises(TextureError, match=r"a\.stem\.mp4: ffmpeg cannot read it"):
        AudioFile(Path(stems), 4)


@needs_ffmpeg
def test_with_ffmpeg_a_stream_that_does_not_know_its_length_is_read(tmp_path: Path) -> None:
    """As `flac` writes to a pipe."""
    data = bytearray(encoded(LOW, "FLAC"))
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    assert len(read(tmp_path / "a.flac", bytes(data))) == len(LOW)
