"""A real run: some of it is kept while it plays, and a stretch of it rendered again from the journal afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from engine.cli.__main__ import main
from engine.history.archive.alignment import place_in_room
from engine.parameters.stems import STEMS
from engine.reels.format import REEL_FRAMES
from tests.installation import ROOT, Running, installation

pytestmark = pytest.mark.realtime

LATEST_S = 9.0
STRETCH_MINUTES = 0.1
"""Longer than what a mood breathes between two phrases: there are notes in it."""


class Tap:
    """Keeps every reel of the first generation, by number."""

    def __init__(self, runtime: Path, folder: Path) -> None:
        self._reels, self._folder = runtime / "reels", folder
        folder.mkdir()

    def look(self) -> None:
        for reel in self._reels.glob("a-*.wav"):
            if not (self._folder / reel.name).exists():
                os.link(reel, self._folder / reel.name)

    def frames(self, first: int, count: int) -> np.ndarray:
        numbers = range(first // REEL_FRAMES, (first + count - 1) // REEL_FRAMES + 1)
        reels = [soundfile.read(self._folder / f"a-{n:03d}.wav", dtype="float32")[0][:REEL_FRAMES] for n in numbers]
        start = first - numbers[0] * REEL_FRAMES
        return np.concatenate(reels)[start : start + count]


def play(run: Running, tap: Tap, seconds: float) -> None:
    end_s = time.monotonic() + seconds
    run.until(lambda: bool(tap.look()) or time.monotonic() > end_s, seconds + 5.0)


def test_what_is_kept_is_what_was_heard_and_what_is_replayed_what_was_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tap = Tap(tmp_path / "runtime", tmp_path / "tap")
    with installation(tmp_path) as run:
        run.until(lambda: bool(tap.look()) or plays_reels(run), 30.0)
        play(run, tap, 4.0)
        command = [sys.executable, str(ROOT / "run_installation.py"), "keep", "--minutes", "0.1"]
        with subprocess.Popen([*command, "--port", str(run.port)], stdout=subprocess.PIPE, text=True) as keep:
            run.say("/layer/piano/level_db", -6.0)
            run.say("/phrase/next")
            run.until(lambda: bool(tap.look()) or keep.poll() is not None, 120.0)
            said = keep.communicate()[0]
        play(run, tap, 1.0)
        run.interrupt()
        tap.look()
    assert keep.returncode == 0, run.output()
    check_kept(tmp_path, said)
    journal = ["--state", str(tmp_path / "state")]
    main_quietly(["journal", "list", *journal])
    assert "gymnopedie" in capsys.readouterr().out

    written = tmp_path / "state" / "journal" / "room-000001.journal"
    at = datetime.fromtimestamp(written.stat().st_mtime - LATEST_S, UTC)
    out = tmp_path / "again"
    stretch = ["--at", at.isoformat(" "), "--minutes", str(STRETCH_MINUTES)]
    main_quietly(["replay", *stretch, "--out", str(out), *journal])
    told = json.loads((out / "stretch.json").read_text("utf-8"))
    assert told["not_as_it_was"] == []
    [piece] = told["pieces"]
    sent = tap.frames(piece["first_frame"], round(piece["length_s"] * 48_000))
    start = round(piece["at_s"] * 48_000)
    mix = soundfile.read(out / "mix.flac", dtype="float32")[0][start : start + len(sent)]
    assert level_db(mix) > -30
    assert level_db(mix - sent.reshape(len(sent), len(STEMS), 2).sum(axis=1)) < -120
    piano = soundfile.read(out / "piano.flac", dtype="float32")[0][start : start + len(sent)]
    assert level_db(piano - sent[:, :2]) < -120
    assert (out / "score.mid").stat().st_size > 100
    check_mastered(tmp_path, at.isoformat(" "), journal)
    with pytest.raises(SystemExit, match="there already"):
        main(["replay", "--at", at.isoformat(" "), "--out", str(out), *journal])


def check_mastered(folder: Path, at: str, journal: list[str]) -> None:
    """The same evening as a record: at its loudness, its stems its sum."""
    out = folder / "evening"
    main_quietly(["render", "--from-journal", at, "--minutes", "0.2", "--out", str(out), *journal])
    sound, rate_hz = soundfile.read(out / "evening.flac", dtype="float32")
    assert pyloudnorm.Meter(rate_hz).integrated_loudness(sound) == pytest.approx(-18.0, abs=0.5)
    stems = sum(soundfile.read(path, dtype="float32")[0] for path in (out / "stems").iterdir())
    assert np.abs(stems - sound).max() < 2e-5
    assert (out / "score.mid").exists()
    assert "evening.flac" in (out / "checksums.sha256").read_text()


def plays_reels(run: Running) -> bool:
    return "/phrase/now" in run.heard and run.heard.get("/lamp/hold") == (0.0,)


def check_kept(folder: Path, said: str) -> None:
    """The sound is what the room heard, bit for bit; stems and notes lie beside it; no reel was late for it."""
    [kept] = (folder / "state" / "kept").iterdir()
    assert str(kept)[:80] in said
    assert json.loads((folder / "summary.json").read_text("utf-8"))["late_reels"] == 0
    room, rate_hz = soundfile.read(kept / "room.flac", dtype="int32")
    assert len(room) == pytest.approx(6.0 * rate_hz, rel=0.5)
    recorded = soundfile.read(folder / "out.wav", dtype="int32")[0]
    mark = room[len(room) // 2 : len(room) // 2 + 64]
    places = np.flatnonzero((recorded[:-64] == mark[0]).all(axis=1))
    place = next(p for p in places if np.array_equal(recorded[p : p + 64], mark)) - len(room) // 2
    begin = max(0, -place)
    assert np.array_equal(room[begin:], recorded[place + begin : place + len(room)])
    assert (kept / "stems" / "piano.flac").exists()
    assert (kept / "stems" / "score.mid").exists()
    stems = json.loads((kept / "stems" / "stretch.json").read_text("utf-8"))
    assert round(stems["length_s"] * rate_hz) == len(room)
    check_in_step(kept)


def check_in_step(kept: Path) -> None:
    """The sum of the stems lies in the room's sound, frame for frame: what begins half a second in is found there."""
    later = kept / "later.flac"
    mix, rate_hz = soundfile.read(kept / "stems" / "mix.flac", dtype="int32")
    soundfile.write(later, mix[rate_hz // 2 : -rate_hz], rate_hz, subtype="PCM_24")
    assert place_in_room(kept / "room.flac", later, rate_hz) == rate_hz // 2


def main_quietly(arguments: list[str]) -> None:
    """A command that goes well."""
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code in (0, None), exit_.value.code


def level_db(sound: np.ndarray) -> float:
    return float(20 * np.log10(np.abs(sound).max() + 1e-12))
