"""`room`: what people read of it, and the walk through Pd into nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from engine.cli.app import app
from engine.room.loudspeakers.patch import write_patch
from engine.room.pd_process import ROOM, ROOM_TEST, pd_symbol
from engine.room.presets import list_rooms, load_room
from tests.pd.batch import Event, run_batch

RATE_HZ = 48_000


def test_every_room_is_listed_and_shown() -> None:
    said = CliRunner().invoke(app, ["room", "list"]).output
    assert all(name in said for name in list_rooms())
    shown = CliRunner().invoke(app, ["room", "show", "surround_5_1"]).output
    assert "left_surround" in shown
    assert "-110" in shown
    assert "low cut 80 Hz" in shown


def test_a_good_file_is_called_good_and_a_bad_one_explained(tmp_path: Path) -> None:
    assert "quad: good, 4 loudspeakers" in CliRunner().invoke(app, ["room", "check", "quad"]).output
    bad = tmp_path / "bad.yaml"
    bad.write_text("title: X\nloudspeaker: {}\n")
    refused = CliRunner().invoke(app, ["room", "check", str(bad)])
    assert refused.exit_code == 1
    assert "Did you mean 'loudspeakers'" in str(refused.exception)


def test_the_walk_beeps_each_number_and_plays_noise_at_its_level(tmp_path: Path) -> None:
    """Through Pd: nothing on the others meanwhile, and everything before the trim of its file.

    The walk goes on past what is recorded, for it ends Pd, which needs time to close the file.
    """
    preset = load_room("quad")
    room = preset.loudspeakers
    assert room
    patch, out = tmp_path / "loudspeakers.pd", tmp_path / "out.wav"
    write_patch(room, preset.title, patch)
    events = [
        Event(0, f"room-record start {pd_symbol(str(out))}"),
        Event(0, "room-test -24 1 2 3 4 4 4 4"),
        Event(14_100, "room-record stop"),
    ]
    _, errors = run_batch(tmp_path, [patch, ROOM, ROOM_TEST], events, out)
    assert not errors
    heard = soundfile.read(out)[0]
    loud = np.abs(heard) > 1e-3
    assert loud.sum(axis=1).max() == 1 or not (loud.sum(axis=1) > 1).mean() > 0.001, "one at a time"
    for one in room.speakers:
        own = heard[:, one.channel - 1]
        sounding = np.flatnonzero(np.abs(own) > 1e-4)
        noise = own[sounding[-1] - round(1.9 * RATE_HZ) : sounding[-1] - round(0.1 * RATE_HZ)]
        cut_db = 1.9 if one.low_cut_hz else 0.0  # of pink noise, by 80 Hz
        wanted = pytest.approx(-24 + one.trim_db - cut_db, abs=0.6)
        assert 20 * np.log10(np.sqrt(np.mean(noise**2))) == wanted, one.name
        before = own[sounding[0] : sounding[-1] - round(2.1 * RATE_HZ)]
        blocks = np.abs(before[: len(before) // 480 * 480]).reshape(-1, 480).max(axis=1) > 0.01
        assert np.sum(np.diff(np.concatenate([[0], blocks.astype(int)])) == 1) == one.channel, "beeps"
