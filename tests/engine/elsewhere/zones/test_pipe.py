"""Sound on its way to snapserver: nothing lost while the clocks agree, and nobody waits where nobody reads."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from engine.elsewhere.zones.pipe import FAR_S, FIRST_S, PIECE, ZonePipe, longer, shorter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "zone.pipe")
    return tmp_path / "zone.pipe"


def ramp(first: int, frames: int) -> np.ndarray:
    return ((np.arange(first, first + frames) % 30_000) / 32_767.0).astype(np.float32)[:, None]


def drain(path: Path) -> bytes:
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    data = b""
    try:
        while piece := os.read(reader, 65_536):
            data += piece
    except BlockingIOError:
        pass
    os.close(reader)
    return data


def test_every_frame_arrives_once_and_in_order(path: Path) -> None:
    pipe, heard = ZonePipe(path, 1), b""
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    for step in range(100):
        pipe.write(ramp(4_800 * step, 4_800), step / 10)
        for _ in range(10 if step > 9 else 0):  # at the pace of the sound, a little at a time
            heard += os.read(reader, 960)
            pipe.write(ramp(0, 0), step / 10)
    os.close(reader)
    frames = np.frombuffer(heard, "<i2")
    expected = np.round(ramp(0, len(frames))[:, 0] * 32_767.0)
    assert len(frames) > 400_000
    assert np.array_equal(frames, expected)
    assert pipe.stretched == pipe.dropped_frames == 0
    pipe.close()


def test_a_little_is_gathered_before_the_first_is_handed_on(path: Path) -> None:
    pipe = ZonePipe(path, 1)
    pipe.write(ramp(0, round(0.9 * FIRST_S * 48_000)), 0.0)
    assert drain(path) == b""
    pipe.close()


def test_where_nobody_reads_old_sound_is_dropped_and_nothing_waits(path: Path) -> None:
    pipe = ZonePipe(path, 1)
    for second in range(20):
        pipe.write(ramp(0, 48_000), float(second))
    assert pipe.waiting_s <= FAR_S
    assert pipe.dropped_frames > 10 * 48_000
    assert pipe.taken_s < 4.0
    pipe.close()


def test_after_an_absence_the_music_goes_on_without_hurry(path: Path) -> None:
    pipe, heard = ZonePipe(path, 1), b""
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    for step in range(400):  # 20 s in steps of the feeder; nobody reads in the 6th
        pipe.write(ramp(2_400 * step, 2_400), step / 20)
        for _ in range(5 if step > 20 and not 100 <= step < 120 else 0):
            with suppress(BlockingIOError):
                heard += os.read(reader, 960)
    steps = np.diff(np.frombuffer(heard, "<i2").astype(int)) % 30_000
    assert np.count_nonzero(steps != 1) == 1, "one gap"
    assert pipe.stretched == 0
    assert pipe.dropped_frames > 24_000
    assert pipe.waiting_s < 1.5
    os.close(reader)
    pipe.close()


@pytest.mark.parametrize(("change", "frames"), [(shorter, -PIECE), (longer, PIECE)])
def test_a_piece_less_or_more_makes_no_step(change: object, frames: int) -> None:
    sound = np.sin(np.arange(9_600) * 2 * np.pi * 100 / 48_000).astype(np.float32)[:, None]
    changed = change(sound)  # type: ignore[operator]
    assert len(changed) == len(sound) + frames
    assert np.abs(np.diff(changed[:, 0])).max() < 2 * np.abs(np.diff(sound[:, 0])).max()
