"""A short record as a whole: every file, loudness, operations, sameness, and nothing half done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import soundfile

from engine.midi_files import read_phrase
from engine.record.plan import RecordPlan
from engine.record.rendering import Result, needed_bytes, sounding_stems
from engine.record.verification import verify
from tests.engine.record.conftest import rendered

ROOT = Path(__file__).parents[3]
FIRST, SECOND = "01-air", "02-suite"


def test_all_files_are_there_and_tagged(record: Result) -> None:
    folder = record.folder
    for name in ("album.flac", "album.cue", "sleeve.png", "sleeve.svg", "credits.md", "recipe.json"):
        assert (folder / name).stat().st_size > 50, name
    for slug, title in ((FIRST, "Air"), (SECOND, "Suite")):
        for suffix in (".flac", ".wav"):
            with soundfile.SoundFile(folder / f"{slug}{suffix}") as file:
                assert (file.subtype, file.samplerate, file.channels) == ("PCM_24", 48_000, 2)
                assert (file.title, file.album, file.comment) == (title, 'Étude "brève"', "seed 5")
                assert "Ameublement" in file.software
                assert file.tracknumber == slug[1]
    assert {path.stem for path in (folder / "midi" / FIRST).iterdir()} >= {"piano", "cello", "chords", "score"}
    assert not list(folder.parent.glob(".*"))


def test_every_operation_is_found_in_the_stems(record: Result) -> None:
    checks = verify(record.folder)
    assert [f"{check.track} {check.what}: {check.figure}" for check in checks if not check.passed] == []
    looked_at = {check.what.split()[0] for check in checks}
    assert looked_at == {
        *("loudness", "true", "stems", "every", "cello", "drums", "right", "octave-up", "vocoder", "noisy")
    }


def test_the_album_is_its_tracks_end_to_end_and_the_cue_sheet_says_where(record: Result) -> None:
    tracks = [soundfile.read(record.folder / f"{slug}.flac", dtype="int32")[0] for slug in (FIRST, SECOND)]
    album, rate_hz = soundfile.read(record.folder / "album.flac", dtype="int32")
    assert np.array_equal(album, np.concatenate(tracks))
    cue = (record.folder / "album.cue").read_text("utf-8")
    minutes, seconds, frames = (int(part) for part in cue.split("INDEX 01 ")[2].split()[0].split(":"))
    assert (60 * minutes + seconds) * rate_hz + frames * rate_hz // 75 == len(tracks[0])


def test_the_same_seed_gives_the_same_bytes_and_the_recipe_too(record: Result, tmp_path: Path) -> None:
    command = [*_render(record.folder / "recipe.json"), "--out", str(tmp_path / "again")]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    first, again = ((f / "checksums.sha256").read_text().splitlines() for f in (record.folder, tmp_path / "again"))
    assert [line for line in again if "recipe" not in line] == [line for line in first if "recipe" not in line]


def test_another_seed_and_another_rate_give_another_record(
    record: Result, plan: RecordPlan, tmp_path: Path
) -> None:
    other = rendered(plan, tmp_path / "other", seed=6, rate_hz=44_100)
    with soundfile.SoundFile(other.folder / f"{FIRST}.flac") as file:
        assert file.samplerate == 44_100
        assert file.frames == round(plan.tracks[0].length_s * 44_100)
    ours, theirs = (read_phrase(r.folder / f"midi/{FIRST}/piano.mid") for r in (record, other))
    assert ours.notes != theirs.notes
    assert [f"{c.what}: {c.figure}" for c in verify(other.folder) if not c.passed] == []


def test_the_recipe_says_what_it_was_made_with(record: Result) -> None:
    recipe = json.loads((record.folder / "recipe.json").read_text("utf-8"))
    assert recipe["seed"] == 5
    assert len(recipe["performers"]["satie"]) == 12
    assert len(recipe["textures"][0]["sha256"]) == 64
    assert [s["name"] for s in recipe["tracks"][0]["sections"]] == ["opening", "close"]
    credits_text = (record.folder / "credits.md").read_text("utf-8")
    assert "satie" in credits_text
    assert "licence" in credits_text


def test_stems_are_foreseen_and_disk_is_reckoned_with(record: Result, plan: RecordPlan) -> None:
    used = sum(path.stat().st_size for path in record.folder.rglob("*") if path.is_file())
    assert used < needed_bytes(plan) < 8 * used
    for planned, done in zip(plan.tracks, record.tracks, strict=True):
        assert set(done.stems) <= set(sounding_stems(planned))


def _render(sheet: Path) -> list[str]:
    return [sys.executable, str(ROOT / "run_installation.py"), "render", str(sheet)]


def test_a_rendering_that_is_stopped_leaves_nothing(sheet: Path, tmp_path: Path) -> None:
    out = tmp_path / "stopped"
    process = subprocess.Popen(
        [*_render(sheet), "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    end_s = time.monotonic() + 20
    while not list(tmp_path.glob(".stopped.rendering-*/work/played-*")) and time.monotonic() < end_s:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=15)[0].decode()
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
