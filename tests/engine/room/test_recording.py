"""Recordings are whole WAV files, whatever happened to the process that wrote them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import AmeublementError
from engine.room.recording import Recording, read_layout

RATE = 48_000


def tone(seconds: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (round(seconds * RATE), 2)).astype(np.float32)


def unfinished(path: Path, sound: np.ndarray) -> None:
    """What is left of a file whose writer was killed: frames, and a header that counts none of them."""
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = data[4:8] = b"\0\0\0\0"
    path.write_bytes(data + b"\x01\x02\x03")  # half a frame, too


def counted_short(path: Path, sound: np.ndarray, frames: int) -> None:
    """A file as Pd's writesf~ closes it: whole, but its header counts so many frames too few."""
    soundfile.write(path, sound, RATE, subtype="PCM_24", format="WAV")
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = ((len(sound) - frames) * 6).to_bytes(4, "little")
    path.write_bytes(data)


def test_frames_that_the_header_does_not_count_are_kept(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "out.wav")
    sound = [tone(0.25, seed) for seed in range(2)]
    for number, part in enumerate(sound):
        counted_short(recording.next_part(number * 0.25), part, 29)
    assert recording.finish() == pytest.approx(0.5)
    read = soundfile.read(tmp_path / "out.wav", dtype="float32")[0]
    assert np.abs(read - np.concatenate(sound)).max() < 2e-7


def test_chunks_after_the_sound_are_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "tagged.wav"
    sound = tone(0.1)
    soundfile.write(path, sound, RATE, subtype="PCM_24")
    path.write_bytes(path.read_bytes() + b"LIST" + (10).to_bytes(4, "little") + b"INFOISFT\1\0")
    assert read_layout(path).frames == len(sound)


def test_one_part_stays_as_it_is(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "out.wav")
    recording.begin()
    sound = tone(0.5)
    soundfile.write(recording.next_part(0.0), sound, RATE, subtype="FLOAT")
    assert recording.finish() == pytest.approx(0.5)
    assert np.array_equal(soundfile.read(tmp_path / "out.wav", dtype="float32")[0], sound)


@pytest.mark.parametrize(("kind", "exact"), [("FLOAT", 0.0), ("PCM_24", 2e-7), ("PCM_16", 4e-5)])
def test_leading_silence_is_taken_out(tmp_path: Path, kind: str, exact: float) -> None:
    recording = Recording(tmp_path / "out.wav")
    sound = tone(0.3)
    silence = np.zeros((40_001, 2), np.float32)
    soundfile.write(recording.next_part(0.0), np.concatenate([silence, sound]), RATE, subtype=kind)
    assert recording.finish() == pytest.approx(0.3)
    read, rate = soundfile.read(tmp_path / "out.wav", dtype="float32")
    assert rate == RATE
    assert read.shape == sound.shape
    assert np.abs(read - sound).max() <= exact


def test_parts_of_a_room_that_died_are_joined_with_the_silence_between_them(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "out.wav")
    first, second = tone(0.5, 1), tone(0.25, 2)
    unfinished(recording.next_part(10.0), first)
    soundfile.write(recording.next_part(11.0), second, RATE, subtype="FLOAT")
    assert recording.finish() == pytest.approx(1.25)
    read = soundfile.read(tmp_path / "out.wav", dtype="float32")[0]
    expected = np.concatenate([first, np.zeros((RATE // 2, 2), np.float32), second])
    assert np.array_equal(read, expected)
    assert [path.name for path in tmp_path.iterdir()] == ["out.wav"]


def test_what_a_slow_disk_lost_is_noticed(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "out.wav")
    for start_s in (100.0, 103.5):
        soundfile.write(recording.next_part(start_s), tone(3.0), RATE, subtype="FLOAT")
    assert recording.finish() == pytest.approx(6.5)
    assert recording.missing_s(107.3) == 0.0, "it closes before the room ends"
    assert recording.missing_s(112.5) == pytest.approx(6.0)
    assert recording.missing_s(106.0) == 0.0
    day_s = 86_400.0
    recording.ends_s = 100.0 + day_s
    assert recording.missing_s(100.0 + day_s * 1.0002) == 0.0, "a card's second is not quite one"


def test_24_bit_parts_are_joined_too(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "out.wav")
    for number in range(2):
        soundfile.write(recording.next_part(float(number)), tone(1.0, number), RATE, subtype="PCM_24")
    assert recording.finish() == pytest.approx(2.0)
    assert soundfile.info(tmp_path / "out.wav").frames == 2 * RATE


def test_a_part_without_sound_is_left_out(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "out.wav")
    recording.next_part(0.0).write_bytes(b"RIFF")
    soundfile.write(recording.next_part(5.0), tone(0.1), RATE, subtype="FLOAT")
    assert recording.finish() == pytest.approx(0.1)
    assert soundfile.info(tmp_path / "out.wav").frames == RATE // 10


def test_nothing_recorded_is_no_error(tmp_path: Path) -> None:
    assert Recording(tmp_path / "out.wav").finish() == 0.0


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AmeublementError, match="--record"):
        Recording(tmp_path / "out.mp3").check()


def test_an_earlier_recording_is_not_taken_for_this_one(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "deep" / "out.wav")
    recording.begin()
    soundfile.write(recording.path, tone(0.5), RATE)
    recording.begin()
    recording.next_part(0.0)
    assert recording.finish() == 0.0


def test_a_file_that_is_no_wav_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"ID3 something else entirely")
    with pytest.raises(AmeublementError, match="no WAV"):
        read_layout(tmp_path / "x.wav")
