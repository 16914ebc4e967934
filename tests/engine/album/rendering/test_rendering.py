"""A short record as a whole: every file, loudness, operations, sameness, and nothing half done."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.album.output_folder import OutputFolder
from engine.album.plan.plan import RecordPlan, load_plan
from engine.album.recipe import opened
from engine.album.rendering import rendering, tasks
from engine.album.rendering.gapless import CHECKSUMS_FILE
from engine.album.rendering.order import Order
from engine.album.rendering.rendering import Result, needed_bytes, render_record, sounding_stems
from engine.album.rendering.workers import Pool
from engine.album.verification.verification import verify
from engine.cli.__main__ import main
from engine.errors import RecordError
from engine.files.paths import ROOT
from engine.music.midi.reading import read_phrase
from engine.music.midi.writing import write_voices
from engine.signals import STOPS
from tests.engine.album.conftest import rendered
from tests.engine.sound.voices.soundfont_file import SmallPreset, write_soundfont

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
    assert [f"{check.track} {check.what}: {check.figure}" for check in checks if check.passed is False] == []
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


@pytest.fixture
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker imports for two seconds."""
    monkeypatch.setattr(rendering, "Pool", partial(Pool, 1))


@pytest.mark.usefixtures("_one_worker")
def test_a_recipe_gives_the_same_bytes_as_its_sheet_whatever_the_number_of_workers(
    record: Result, tmp_path: Path
) -> None:
    """By the command that people type; the sheet's was rendered with a worker for each core, of which there are two."""
    with pytest.raises(SystemExit) as exit_:
        main(["render", str(record.folder / "recipe.json"), "--out", str(tmp_path / "again")])
    assert exit_.value.code in (0, None)
    again = tmp_path / "again" / CHECKSUMS_FILE
    assert again.read_text() == (record.folder / CHECKSUMS_FILE).read_text()


def test_a_recipe_needs_no_performer_so_its_notes_are_the_same_on_every_machine(
    record: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "performer_of", lambda name: pytest.fail(f"{name} was asked to draw"))
    plan, remembered = opened(record.folder / "recipe.json")
    assert remembered is not None
    place = tasks.Place(tmp_path, tmp_path)
    for track in plan.tracks:
        earlier = list(range(1, track.number))
        played = tasks.play(lambda _: None, track, plan.folder, 5, earlier, remembered.music[track.number], place)
        scores = [(item.start_s, item.score) for item in played.placed]
        write_voices(tmp_path / track.slug, scores, track.settings.voice)
        ours, theirs = (sorted((folder / track.slug).iterdir()) for folder in (record.folder / "midi", tmp_path))
        assert [path.read_bytes() for path in theirs] == [path.read_bytes() for path in ours]


def test_a_recipe_whose_record_was_changed_draws_its_notes_again(record: Result, tmp_path: Path) -> None:
    text = (record.folder / "recipe.json").read_text("utf-8")
    (tmp_path / "recipe.json").write_text(text.replace('"phrase_s": 10', '"phrase_s": 12'), "utf-8")
    _, remembered = opened(tmp_path / "recipe.json")
    assert remembered is not None
    assert remembered.seed == 5
    assert remembered.music == {}


@pytest.mark.parametrize(
    "change", [('"section": ', '"sect": '), ('"pedal": [[', '"pedal": [["x'), ("[[0.", "[[NaN, 0.")]
)
def test_a_damaged_recipe_is_told_of(record: Result, tmp_path: Path, change: tuple[str, str]) -> None:
    text = (record.folder / "recipe.json").read_text("utf-8")
    assert change[0] in text
    (tmp_path / "recipe.json").write_text(text.replace(*change), "utf-8")
    with pytest.raises(RecordError, match="damaged"):
        opened(tmp_path / "recipe.json")


def test_a_recipe_that_was_edited_badly_is_told_of_by_a_report(record: Result, tmp_path: Path) -> None:
    text = (record.folder / "recipe.json").read_text("utf-8")
    assert '"tail_s": 2' in text
    (tmp_path / "recipe.json").write_text(text.replace('"tail_s": 2', '"tail_s": -2'), "utf-8")
    with pytest.raises(RecordError, match=r"recipe\.json, tracks\.0\.tail_s: .*-2"):
        verify(tmp_path)


@pytest.mark.usefixtures("_one_worker")
def test_another_seed_and_another_rate_give_another_record(record: Result, plan: RecordPlan, tmp_path: Path) -> None:
    sheet = plan.record.model_copy(update={"tracks": plan.record.tracks[:1]})
    first = replace(plan, record=sheet, tracks=plan.tracks[:1])
    other = rendered(first, tmp_path / "other", seed=6, rate_hz=44_100)
    with soundfile.SoundFile(other.folder / f"{FIRST}.flac") as file:
        assert file.samplerate == 44_100
        assert file.frames == round(plan.tracks[0].length_s * 44_100)
    ours, theirs = (read_phrase(r.folder / f"midi/{FIRST}/piano.mid") for r in (record, other))
    assert ours.notes != theirs.notes
    assert [f"{check.what}: {check.figure}" for check in verify(other.folder) if check.passed is False] == []


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


SHORT = """
title: Short
tracks:
  - title: Air
    tail_s: 1
    performer: {name: satie, phrase_s: 6, density_notes_per_s: 3}
    textures: {air: {file: air.wav}}
    sections: [{name: all, length: 7}]
    clips: [{texture: air, stem: texture_1}]
"""


def _hears_signals_on_one_core() -> None:
    """Whoever runs the tests in the background may have them ignored, which a child inherits. One worker will do."""
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, list(os.sched_getaffinity(0))[-1:])


@pytest.mark.parametrize(
    ("number", "when"),
    [(signal.SIGINT, "work/played-*"), (signal.SIGTERM, "album.flac"), (signal.SIGHUP, "stems/*/*.flac")],
    ids=["Ctrl-C while it plays", "SIGTERM while the album is written", "a closed terminal while stems are"],
)
def test_a_rendering_that_is_stopped_leaves_nothing(
    sheet: Path, tmp_path: Path, number: signal.Signals, when: str
) -> None:
    short = sheet.with_name("short.yaml")
    short.write_text(SHORT, "utf-8")
    command = [sys.executable, str(ROOT / "run_installation.py"), "render", str(short), "--out"]
    process = subprocess.Popen(
        [*command, str(tmp_path / "stopped")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
        preexec_fn=_hears_signals_on_one_core,
    )
    end_s = time.monotonic() + 60
    while not list(tmp_path.glob(f".stopped.rendering-*/{when}")) and time.monotonic() < end_s:
        assert process.poll() is None, process.communicate()[0].decode()
        time.sleep(0.02)
    os.killpg(process.pid, number)
    said = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_one_worker")
def test_a_record_of_silence_is_an_error(sheet: Path, tmp_path: Path) -> None:
    """A SoundFont whose samples are silent once gave an album at -70 LUFS, and exit status 0."""
    shutil.copy(sheet.parent / "dance.mid", tmp_path)
    text = "title: Still\ntracks:\n  - title: Dance\n    sections: [{name: dance, length: 3, midi: dance.mid}]\n"
    (tmp_path / "still.yaml").write_text(text, "utf-8")
    silent = write_soundfont(tmp_path / "silent.sf2", [SmallPreset(), SmallPreset(bank=128)], peak=0.0)
    order = Order(5, 48_000, silent)
    with pytest.raises(RecordError, match=r"track 1, 'Dance', is silent.*--soundfont"):
        render_record(
            load_plan(tmp_path / "still.yaml"), order, OutputFolder(tmp_path / "out", 1_000_000), lambda share: None
        )
    assert not (tmp_path / "out").exists()
