"""What the room heard, from Pd's files to the ring on disk and to a kept stretch."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.files.excerpt_requests import ExcerptRequests
from engine.history.archive import archivist as archivist_module
from engine.history.archive import excerpt, ring
from engine.history.archive.alignment import MARGIN_S
from engine.history.archive.archivist import Archivist
from engine.history.archive.heard_files import FILE_FRAMES, heard_files, name_format, read_heard
from engine.history.archive.ring import Ring

RATE_HZ = 48_000


def leave(folder: Path, name: str, sound: np.ndarray, end_s: float, *, closed: bool = True) -> None:
    """A file as Pd leaves it: the header counts too few frames, or none while it is being written."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    soundfile.write(path, sound, RATE_HZ, subtype="PCM_24")
    data = bytearray(path.read_bytes())
    counted = max(0, len(data) - 44 - 174) if closed else 0
    data[40:44] = counted.to_bytes(4, "little")
    path.write_bytes(data)
    os.utime(path, (end_s, end_s))


def noise(frames: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-(2**22), 2**22, (frames, 2)).astype(np.int32) << 8


class Told:
    def __init__(self, folder: Path, minutes: float = 30.0) -> None:
        self.said: list[tuple[Any, ...]] = []
        self.runtime, self.state = folder / "runtime", folder / "state"
        self.archivist = Archivist(self.runtime, self.state, minutes, lambda *what: self.said.append(what))

    def step(self) -> None:
        self.archivist.step(time.monotonic())

    def of(self, path: str) -> list[str]:
        return [str(what[-1]) for what in self.said if what[0] == path]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def test_every_frame_of_a_file_is_read_whatever_its_header_says(tmp_path: Path) -> None:
    sound = noise(1_000, 1)
    leave(tmp_path, "a-0.wav", sound, 100.0)
    leave(tmp_path, "a-1.wav", noise(500, 2), 101.0, closed=False)
    (tmp_path / "a-2.wav").write_bytes(b"RIFF")
    first, second = heard_files(tmp_path)
    assert np.array_equal(read_heard(first), sound)
    assert (first.frames, second.frames, second.whole) == (1_000, 500, False)
    assert name_format(tmp_path, 9).endswith("/b-%d.wav")
    assert "%%" in name_format(Path("/tmp/100%"), 0)


def test_finished_files_go_to_the_disk_and_the_ring_is_bounded(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.history.archive.heard_files.FILE_FRAMES", 4_800)
    told.archivist._ring.minutes = 0.6 / 60
    now_s = time.time()
    for number in range(20):
        leave(told.runtime / "heard", f"a-{number % 8}.wav", noise(4_800, number), now_s - 60 + number * 0.1)
        told.step()
    files = told.archivist._ring.files()
    assert 5 <= len(files) <= 7
    assert files[-1].order == 20
    assert not list((told.runtime / "heard").iterdir())
    assert np.array_equal(soundfile.read(files[-1].path, dtype="int32")[0], noise(4_800, 19))


def test_a_disk_that_refuses_is_told_once_and_costs_nothing(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ring, "write_flac", full)
    monkeypatch.setattr(archivist_module, "RETRY_S", 0.0)
    leave(told.runtime / "heard", "a-0.wav", noise(FILE_FRAMES, 1), time.time())
    for _ in range(3):
        told.step()
    [said] = told.of("/error")
    assert "No space left" in said
    assert "music plays on" in said
    monkeypatch.undo()
    told.archivist._try_again_s = 0.0
    told.step()
    assert len(told.archivist._ring.files()) == 1


def test_a_file_that_cannot_be_removed_is_taken_in_once(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    leave(told.runtime / "heard", "a-0.wav", noise(FILE_FRAMES, 1), time.time() - 20.0)
    leave(told.runtime / "heard", "a-1.wav", noise(500, 2), time.time(), closed=False)
    monkeypatch.setattr(archivist_module, "RETRY_S", 0.0)
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == "a-0.wav":
            raise PermissionError(13, "Permission denied", str(path))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    for _ in range(3):
        told.step()
    assert len(told.archivist._ring.files()) == 1
    assert len(told.of("/error")) == 1


def test_a_kept_stretch_is_exactly_the_last_minutes_with_silence_where_there_was_no_room(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.history.archive.heard_files.FILE_FRAMES", 48_000)
    monkeypatch.setattr(excerpt, "RESERVE_BYTES", 0)
    now_s = time.time()
    sounds = [noise(48_000, seed) for seed in range(4)]
    heard = told.runtime / "heard"
    leave(heard, "a-0.wav", sounds[0], now_s - 3.5)
    leave(heard, "a-1.wav", sounds[1], now_s - 2.5)
    leave(heard, "b-0.wav", sounds[2], now_s - 1.0)  # half a second without a room
    told.step()
    leave(heard, "b-1.wav", sounds[3][:24_000], now_s - 0.5, closed=False)
    assert ExcerptRequests(told.runtime / "keep").ask(3.0 / 60, now_s - 0.5) == ""
    told.step()
    assert told.of("/error") == []
    told.archivist.close()
    [kept] = (told.state / "kept").iterdir()
    assert told.of("/keep/now")[-1] == f"kept in {kept}"[: archivist_module.LONGEST_TEXT]
    assert "before they were rendered" in told.of("/error")[0]
    expected = np.concatenate([sounds[1], np.zeros((24_000, 2), np.int32), sounds[2], sounds[3][:24_000]])
    room = soundfile.read(kept / "room.flac", dtype="int32")[0]
    assert len(room) == len(expected) + 2 * round(MARGIN_S * 48_000)  # no stems told where to cut
    assert np.array_equal(room[-len(expected) :], expected)


def test_what_pd_lost_is_said_and_all_that_follows_is_in_its_place(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.history.archive.heard_files.FILE_FRAMES", 48_000)
    monkeypatch.setattr(excerpt, "RESERVE_BYTES", 0)
    now_s, heard = time.time() - 10.0, told.runtime / "heard"
    sounds = [noise(48_000, seed) for seed in range(3)]
    lengths = (48_000, 30_000, 48_000)
    for number, (sound, frames) in enumerate(zip(sounds, lengths, strict=True)):
        leave(heard, f"a-{number}.wav", sound[:frames], now_s + number)
    told.step()
    [said] = told.of("/error")
    assert said.startswith("0.4 s of what the room heard are lost")
    pieces = ring.with_silences([*told.archivist._ring.files()])
    assert [frames for _, frames in pieces] == [48_000, 30_000, 18_000, 48_000]
    assert pieces[2][0] is None


def test_what_cannot_be_kept_is_said_and_leaves_nothing(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = ExcerptRequests(told.runtime / "keep")
    requests.ask(5.0, time.time())
    told.step()
    assert "try again" in told.of("/error")[0]
    leave(told.runtime / "heard", "a-0.wav", noise(FILE_FRAMES, 1), time.time() - 5)
    monkeypatch.setattr(excerpt, "RESERVE_BYTES", 10**18)
    requests.ask(5.0, time.time())
    told.step()
    assert "MB free" in told.of("/error")[1]
    assert list((told.state / "kept").iterdir()) == []
    (told.runtime / "keep" / "1.wish").write_text("{")
    assert requests.take() is None
    for _ in range(3):
        assert requests.ask(1.0, time.time()) == ""
        time.sleep(0.002)
    assert "are waiting" in requests.ask(1.0, time.time())


def test_a_name_that_is_taken_is_not_written_over(told: Told) -> None:
    for _ in range(2):
        leave(told.runtime / "heard", "a-0.wav", noise(48_000, 1), 1_700_000_000.0)
        empty = Ring(told.state / "none", 1.0)
        kept = excerpt.keep_room(told.state, empty, told.runtime / "heard", 1.0, 1_700_000_000.0)
        kept.finish(told.state / "kept")
    assert len(list((told.state / "kept").iterdir())) == 2
