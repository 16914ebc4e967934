"""Reels on disk: bit-exact, overlapping, whole or not there, and never too many."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ReelError
from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ
from engine.reels.cutter import NUMBERS, Mark, ReelCutter, ReelFolder, next_generation
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES

SHAPE = (REEL_FRAMES + TAIL_FRAMES, CHANNELS)


def sound(frames: int) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((frames, CHANNELS)).astype(np.float32)


@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=8))
@settings(max_examples=15)
def test_reels_follow_each_other_and_their_tails_are_the_next_beginning(lengths: list[int]) -> None:
    whole, cutter, reels, start = sound(sum(lengths)), ReelCutter(), [], 0
    for length in lengths:
        reel = cutter.add(whole[start : start + length])
        start += length
        while reel is not None:
            reels.append(reel)
            reel = cutter.add(whole[:0])
    for number, reel in enumerate(reels):
        first = number * REEL_FRAMES
        assert np.array_equal(reel, whole[first : first + REEL_FRAMES + TAIL_FRAMES])
    assert len(reels) == max(0, (len(whole) - TAIL_FRAMES) // REEL_FRAMES)


def test_a_reel_on_disk_is_the_sound_bit_for_bit(tmp_path: Path) -> None:
    audio = sound(SHAPE[0])
    reel = ReelFolder(tmp_path).write(audio)
    read, rate_hz = soundfile.read(reel.path, dtype="float32")
    assert (reel.path.name, rate_hz, soundfile.info(reel.path).subtype) == ("a-000.wav", SAMPLE_RATE_HZ, "FLOAT")
    assert np.array_equal(read, audio)


def test_a_reel_is_marked_by_the_loudest_of_what_is_played_of_it(tmp_path: Path) -> None:
    audio = sound(SHAPE[0]) * 0.1
    audio[20_000, 7] = -0.9
    audio[REEL_FRAMES + 5, 3] = 0.99  # the next reel's
    assert ReelFolder(tmp_path).write(audio).mark == Mark(7, 20_000, float(np.float32(-0.9)))
    assert Mark.of(np.zeros(SHAPE, dtype=np.float32)) == Mark(0, 0, 0.0)


def test_folder_stays_small_and_names_come_round(tmp_path: Path) -> None:
    folder, audio = ReelFolder(tmp_path), np.zeros(SHAPE, dtype=np.float32)
    names = set()
    for number in range(NUMBERS + 5):
        reel = folder.write(audio)
        names.add(reel.path.name)
        assert reel.seam == (1.0 if number == 0 else 0.0)
        if number >= 5:
            folder.played(folder.unplayed[0].path)
            assert folder.lead == 5
        assert len(list(tmp_path.iterdir())) <= 9
    assert len(names) == NUMBERS
    assert len(folder.written) <= 9


def test_the_two_reels_before_the_playing_one_are_kept(tmp_path: Path) -> None:
    folder, audio = ReelFolder(tmp_path), np.zeros(SHAPE, dtype=np.float32)
    reels = [folder.write(audio) for _ in range(8)]
    folder.played(reels[4].path)
    assert [reel.path.exists() for reel in reels] == [False, False, *[True] * 6]
    folder.played(reels[3].path)  # an old report that comes late changes nothing
    assert (folder.lead, [reel.number for reel in folder.unplayed]) == (3, [5, 6, 7])


def test_after_reels_that_the_room_refuses_others_are_wanted(tmp_path: Path) -> None:
    folder, audio = ReelFolder(tmp_path), np.zeros(SHAPE, dtype=np.float32)
    reels = [folder.write(audio) for _ in range(5)]
    folder.refused(tmp_path / "b-004.wav")
    assert folder.lead == 5
    for reel in reels:
        folder.refused(reel.path)
    assert (folder.lead, folder.unplayed) == (0, [])
    following = folder.write(audio)
    assert folder.played(following.path) == following
    assert len(folder.written) <= 4


def test_the_reel_written_last_is_withdrawn_unless_it_plays(tmp_path: Path) -> None:
    folder, audio = ReelFolder(tmp_path), np.zeros(SHAPE, dtype=np.float32)
    first, last = folder.write(audio), folder.write(audio)
    folder.withdraw()
    assert (first.path.exists(), last.path.exists()) == (True, False)
    assert folder.unplayed == [first]
    folder.played(first.path)
    folder.withdraw()
    assert first.path.exists()


def test_reels_that_cannot_be_removed_do_not_stop_the_music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, audio = ReelFolder(tmp_path), np.zeros(SHAPE, dtype=np.float32)
    reels = [folder.write(audio) for _ in range(8)]

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    assert folder.played(reels[5].path) == reels[5]
    assert [reel.number for reel in folder.unplayed] == [6, 7]


def test_a_new_renderer_takes_the_next_letter_and_leaves_the_old_reels_until_its_own_play(tmp_path: Path) -> None:
    audio = np.zeros(SHAPE, dtype=np.float32)
    old = ReelFolder(tmp_path)
    strangers = [old.write(audio).path for _ in range(3)]
    new = ReelFolder(tmp_path)
    assert new.generation == "b"
    reels = [new.write(audio) for _ in range(4)]
    assert new.played(strangers[2]) is None
    new.played(reels[0].path)
    assert all(path.exists() for path in strangers)
    new.played(reels[2].path)
    assert not any(path.exists() for path in strangers)


def test_letters_come_round_and_leftovers_of_the_same_letter_go(tmp_path: Path) -> None:
    (tmp_path / "h-001.wav").write_bytes(b"x")
    (tmp_path / "a-200.wav").write_bytes(b"x")
    import os

    os.utime(tmp_path / "a-200.wav", (1, 1))
    (tmp_path / "a-201.part").write_bytes(b"x")
    assert next_generation(tmp_path) == "a"
    ReelFolder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["h-001.wav"]


def test_what_cannot_be_written_is_said_with_the_path(tmp_path: Path) -> None:
    folder = ReelFolder(tmp_path / "reels")
    with pytest.raises(ReelError, match=r"not \(3, 26\)"):
        folder.write(np.zeros((3, CHANNELS), dtype=np.float32))
    (tmp_path / "reels").rmdir()
    (tmp_path / "reels").write_bytes(b"")  # a folder that is only gone comes back
    with pytest.raises(ReelError, match=r"a-000\.wav"):
        folder.write(np.zeros(SHAPE, dtype=np.float32))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ReelError, match="file"):
        ReelFolder(tmp_path / "file")


def test_a_folder_that_vanished_comes_back_and_a_failed_reel_leaves_nothing(tmp_path: Path) -> None:
    folder = ReelFolder(tmp_path / "reels")
    shutil.rmtree(tmp_path / "reels")
    assert folder.write(sound(SHAPE[0])).path.exists()
    shutil.rmtree(tmp_path / "reels")
    (tmp_path / "reels").write_text("in the way")
    with pytest.raises(ReelError, match="cannot be written"):
        folder.write(sound(SHAPE[0]))
    (tmp_path / "reels").unlink()
    assert folder.write(sound(SHAPE[0])).path.exists()
    assert not list((tmp_path / "reels").glob("*.part"))
