"""The room's memory: files of ten seconds without a frame between them, in a ring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from engine.archive.heard_files import FILE_FRAMES, FILES, heard_files, name_format, read_heard
from engine.room import PATCH_FOLDER, STEREO_ROOM, pd_symbol
from tests.pd.batch import Event, music, ready, run_batch, write_reels


def test_files_follow_each_other_without_a_frame_missing(tmp_path: Path) -> None:
    """What one recording of the whole room holds, two files of the ring hold, too."""
    (tmp_path / "heard").mkdir()
    (tmp_path / "reels").mkdir()
    paths = write_reels(tmp_path / "reels", music(46))
    whole = tmp_path / "whole.wav"
    form = name_format(tmp_path / "heard", 0)
    events = [
        Event(0, f"room-start 47310 1000 {pd_symbol(str(tmp_path / 'none.wav'))}"),
        Event(0, f"room-record start {pd_symbol(str(whole))}"),
        Event(100, f"room-heard start {pd_symbol(form)}"),
        *(ready(0 if n < 20 else 9_000, path) for n, path in enumerate(paths)),
        Event(22_000, "room-record stop"),
    ]
    run_batch(tmp_path, STEREO_ROOM, events, whole)
    first, second, third = sorted(heard_files(tmp_path / "heard"), key=lambda file: file.path.name)
    assert [file.whole for file in (first, second, third)] == [True, True, False]
    ring = np.concatenate([read_heard(file) for file in (first, second)])
    assert len(ring) == 2 * FILE_FRAMES
    recorded = soundfile.read(whole, dtype="int32")[0]
    place = round(0.6 * 48_000)
    offsets = range(place - 128, place + 129, 64)
    assert any(np.array_equal(recorded[at : at + len(ring)], ring) for at in offsets)
    assert np.abs(ring[FILE_FRAMES - 1000 : FILE_FRAMES + 1000]).max() > 2**24


def test_the_patch_agrees_with_who_reads_it() -> None:
    patch = (PATCH_FOLDER / "heard~.pd").read_text()
    assert f"metro {FILE_FRAMES} 1 samp" in patch
    assert f"mod {FILES};" in patch
    assert "-bytes 3" in patch
