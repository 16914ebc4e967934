"""The patch of the zones: Pd opens it without a word, and mixes what the file of the room says."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.history.archive.heard_files import heard_files, read_heard
from engine.parameters.elsewhere import Zone
from engine.room.pd_process import ROOM
from engine.room.zones_patch import channels, write_zones, zones_text
from tests.pd.batch import Event, ready, run_batch, write_reels
from tests.pd.test_reel_path import REEL_MS

ZONES = {"foyer": Zone(stems=("piano", "cello"), level_db=-6.0), "stairs": Zone(stems=("bells",), mono=True)}


def test_two_channels_of_a_stereo_zone_and_one_of_a_mono() -> None:
    assert channels(ZONES) == 3
    assert "writesf~ 3 4718592" in zones_text(ZONES)
    assert zones_text(ZONES) == zones_text(dict(ZONES))


def test_pd_mixes_each_zone_of_its_stems_alone(tmp_path: Path) -> None:
    """A constant tone in each stem; piano 0.02, cello 0.01, bells 0.04 left and 0.02 right, and drums that none has."""
    frames = np.arange(9 * 24_576 + 4_096)
    tone = np.sin(2 * np.pi * 440 * frames / 48_000)
    audio = np.zeros((len(frames), 26), np.float32)
    for channel, level in ((0, 0.02), (1, 0.02), (4, 0.01), (5, 0.01), (6, 0.04), (7, 0.02), (12, 0.1), (13, 0.1)):
        audio[:, channel] = level * tone
    patch = tmp_path / "zones.pd"
    write_zones(ZONES, patch)
    (tmp_path / "zones").mkdir()
    paths = write_reels(tmp_path, audio)
    events = [ready(12.0 * i, path, seam=int(i == 0)) for i, path in enumerate(paths)]
    events += [Event(0.0, f"room-zones start {tmp_path}/zones/b-%d.wav"), Event(8 * REEL_MS, "room-zones stop")]
    run_batch(tmp_path, [patch, ROOM], events, tmp_path / "zones" / "b-0.wav")
    [file] = heard_files(tmp_path / "zones")
    sound = read_heard(file) / 2.0**31
    steady = sound[3 * 48_000 : 3 * 48_000 + 24_000]
    assert np.allclose(np.abs(steady).max(axis=0), [0.03 * 0.501, 0.03 * 0.501, 0.03], rtol=0.02)
