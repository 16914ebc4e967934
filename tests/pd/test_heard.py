"""The room's memory: files of ten seconds without a frame between them, in a ring."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import soundfile

from engine.history.archive.heard_files import FILE_FRAMES, FILES, heard_files, name_format, read_heard
from engine.room.pd_process import ROOM, ROOM_FOLDER, STEREO_ROOM, pd_symbol
from engine.room.presets import load_room, outlet_of
from tests.pd.batch import Event, music, ready, run_batch, write_reels

PLACES = {"piano": 0, "cello": -60, "bells": 120, "texture_1": 180}


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


def test_a_room_of_eight_keeps_the_mix_for_two_as_loud_as_its_outputs_together(tmp_path: Path) -> None:
    """Bit for bit what a stereo room keeps, and in level what all eight loudspeakers sum to in power."""
    octophonic = load_room("octophonic_ring")
    (tmp_path / "reels").mkdir()
    paths = write_reels(tmp_path / "reels", music(10))
    kept, whole = {}, tmp_path / "whole.wav"
    for name, patches in (("stereo", STEREO_ROOM), ("eight", (outlet_of(octophonic, tmp_path).patch, ROOM))):
        (tmp_path / name).mkdir()
        events = [
            Event(0, f"room-start 47310 1000 {pd_symbol(str(tmp_path / 'none.wav'))}"),
            Event(0, f"room-record start {pd_symbol(str(whole))}"),
            Event(100, f"room-heard start {pd_symbol(name_format(tmp_path / name, 0))}"),
            *(Event(100, f"room-stem {stem} azimuth_deg {azimuth}") for stem, azimuth in PLACES.items()),
            *(ready(100, path) for path in paths),
            Event(4_500, "room-record stop"),
            Event(4_500, "room-heard stop"),
        ]
        run_batch(tmp_path, patches, events, whole)
        [file] = heard_files(tmp_path / name)
        kept[name] = read_heard(file)
    common = min(map(len, kept.values()))
    assert np.array_equal(kept["stereo"][:common], kept["eight"][:common])
    outputs, rate_hz = soundfile.read(whole)
    assert outputs.shape[1] == 8
    power = [(sound[2 * rate_hz : 4 * rate_hz] ** 2).sum() for sound in (outputs, kept["eight"] / 2.0**31)]
    assert abs(10 * np.log10(power[0] / power[1])) < 1.0


def test_the_patch_agrees_with_who_reads_it() -> None:
    patch = "".join((ROOM_FOLDER / name).read_text() for name in ("heard~.pd", "heard-tape.pd"))
    assert f"metro {FILE_FRAMES} 1 samp" in patch
    assert f"mod {FILES};" in patch
    assert "-bytes 3" in patch
    buffers = [int(found) for found in re.findall(r"writesf~ 2 (\d+)", patch)]
    assert len(buffers) == 2
    assert min(buffers) > FILE_FRAMES * 2 * 3, "each takes a whole file, so that none is lost"
