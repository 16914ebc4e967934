"""A hold loop is there before anything can go wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.files.paths import ROOT
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import SMALL_HOLD_S
from engine.reels.hold_loop import check_hold_loop
from engine.reels.prepare_hold import prepare


def test_a_missing_or_damaged_loop_is_made_anew_and_a_good_one_kept(tmp_path: Path) -> None:
    path = tmp_path / "hold" / "hold.wav"
    assert prepare(path)
    before = path.stat().st_mtime_ns
    assert not prepare(path)
    assert path.stat().st_mtime_ns == before
    path.write_bytes(path.read_bytes()[:1000])
    assert prepare(path)
    check_hold_loop(path)


def test_a_loop_for_which_there_is_no_room_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "hold.wav"
    assert prepare(path)
    assert prepare(path, SMALL_HOLD_S)
    assert len(check_hold_loop(path)) == SMALL_HOLD_S * SAMPLE_RATE_HZ
    assert not prepare(path)


def test_the_command_says_why_it_could_not(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    command = [sys.executable, "-m", "engine.reels.prepare_hold", str(tmp_path / "file" / "hold.wav"), "24"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert result.returncode == 1
    assert "cannot be" in result.stderr
