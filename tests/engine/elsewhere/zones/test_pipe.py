"""One zone's pipe: what waits, what snapserver has not read, and pieces left out or played twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.elsewhere.zones.pipe import FADE_FRAMES, ZonePipe, longer, shorter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "zone.pipe")
    return tmp_path / "zone.pipe"


def tone(frames: int) -> np.ndarray:
    return np.sin(np.arange(frames) * 2 * np.pi * 100 / 48_000).astype(np.float32)[:, None]


def test_it_is_known_what_has_not_been_read(path: Path) -> None:
    pipe = ZonePipe(path, 1)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    pipe.add(tone(48_000))
    pipe.hand_on(1.0)
    assert pipe.behind_frames == 48_000
    assert pipe.waiting_s < 0.7, "a third of a second is in the pipe"
    os.read(reader, 1_920)
    pipe.hand_on(1.1)
    assert pipe.behind_frames == 48_000 - 960
    os.close(reader)
    pipe.close()


@pytest.mark.parametrize("frames", [480, 1_000, 5_000])
@pytest.mark.parametrize(("change", "sign"), [(shorter, -1), (longer, 1)])
def test_frames_less_or_more_make_no_step(change: Callable[..., np.ndarray], sign: int, frames: int) -> None:
    sound = tone(9_600)
    changed = change(sound, frames)
    assert len(changed) == len(sound) + sign * frames
    assert np.abs(np.diff(changed[:, 0])).max() < 2 * np.abs(np.diff(sound[:, 0])).max()


def test_what_lies_between_is_left_out_or_played_twice() -> None:
    ramp = np.arange(9_600, dtype=np.float32)[:, None]
    assert shorter(ramp, 2_000)[FADE_FRAMES, 0] == 2_000 + FADE_FRAMES
    again = longer(ramp, 2_000)[:, 0]
    assert again[1_999] == 1_999
    assert again[2_000 + FADE_FRAMES] == FADE_FRAMES


def test_where_too_little_waits_nothing_is_left_out(path: Path) -> None:
    pipe = ZonePipe(path, 1)
    pipe.add(tone(900))
    assert not pipe.skip(600)
    assert not pipe.skip(-600)
    assert pipe.waiting_s == 900 / 48_000
    pipe.close()
