"""A stretch of a real run, rendered again from its journal, against the reels that were really sent to the room."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.commands.app import main
from engine.reel_format import REEL_FRAMES, STEMS
from tests.installation import Running, installation

LATEST_S = 7.0


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


def test_a_stretch_of_a_run_nulls_against_what_was_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tap = Tap(tmp_path / "runtime", tmp_path / "tap")
    with installation(tmp_path) as run:
        run.until(lambda: bool(tap.look()) or run.sounds(), 20.0)
        play(run, tap, 2.5)
        run.say("/layer/piano/level_db", -6.0)
        run.say("/phrase/next")
        play(run, tap, 7.0)
        run.interrupt()
        tap.look()
    journal = ["--state", str(tmp_path / "state")]
    main_quietly(["journal", "list", *journal])
    assert "gymnopedie" in capsys.readouterr().out

    records = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert records["reels_played"] > 8
    written = tmp_path / "state" / "journal" / "room-000001.journal"
    at = datetime.fromtimestamp(written.stat().st_mtime - LATEST_S, UTC)
    out = tmp_path / "again"
    main_quietly(["replay", "--at", at.isoformat(" "), "--minutes", "0.05", "--out", str(out), *journal])
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
    with pytest.raises(SystemExit, match="there already"):
        main(["replay", "--at", at.isoformat(" "), "--out", str(out), *journal])


def main_quietly(arguments: list[str]) -> None:
    """A command that goes well."""
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code in (0, None), exit_.value.code


def level_db(sound: np.ndarray) -> float:
    return float(20 * np.log10(np.abs(sound).max() + 1e-12))
