"""Recordings of notes: all there, decoded once, mapped and not loaded; damage is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from engine.errors import InstrumentError
from engine.files.paths import INSTRUMENTS_FOLDER
from engine.parameters.instruments import recorded_instruments
from engine.sound.voices.recordings import INDEX, PAD_FRAMES, Recordings, recordings

FOLDERS = sorted({one.recordings for one in recorded_instruments().values()})


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with two notes of the Pianet."""
    folder = tmp_path / "small"
    folder.mkdir()
    lines = (INSTRUMENTS_FOLDER / "pianet" / INDEX).read_text("utf-8").splitlines()
    chosen = [line.rstrip(",") for line in lines if '"pitch": 61' in line or '"pitch": 65, "layer": 0' in line]
    text = '{"notes": [' + ",\n".join(chosen) + '], "releases": []}'
    (folder / INDEX).write_text(text, "utf-8")
    for note in Recordings(folder, tmp_path).notes:
        shutil.copy(INSTRUMENTS_FOLDER / "pianet" / note.file, folder)
    return folder


@pytest.mark.parametrize("name", FOLDERS)
def test_what_is_listed_is_there_as_long_as_it_says(name: str) -> None:
    folder = recordings(name)
    for one in (*folder.notes, *folder.releases):
        info = soundfile.info(INSTRUMENTS_FOLDER / name / one.file)
        assert one.start_frame + one.frames <= info.frames, one
    assert {path.name for path in (INSTRUMENTS_FOLDER / name).glob("*.ogg")} == {
        one.file for one in (*folder.notes, *folder.releases)
    }


@pytest.mark.parametrize("name", sorted(recorded_instruments()))
def test_an_instrument_has_the_layers_that_it_names(name: str) -> None:
    instrument = recorded_instruments()[name]
    folder = recordings(instrument.recordings)
    assert {layer.recorded for layer in instrument.layers} <= {one.layer for one in folder.notes}
    assert folder.releases or (instrument.key_noise_db is None and instrument.pedal_noise_db is None)


def test_a_note_is_decoded_once_and_mapped_afterwards(small: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = Recordings(small, cache)
    note = first.mapped(first.notes[0])
    (kept,) = cache.rglob("*.pcm")
    made = kept.stat().st_mtime_ns
    again = Recordings(small, cache)
    assert np.array_equal(again.mapped(again.notes[0]).sides, note.sides)
    assert kept.stat().st_mtime_ns == made
    assert not note.sides[:, :PAD_FRAMES].any()
    assert not note.sides[:, -PAD_FRAMES:].any()
    assert np.abs(note.sides).max() > 3000


def test_another_list_is_decoded_anew(small: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = Recordings(small, cache)
    loud = first.mapped(first.notes[0]).sides
    text = (small / INDEX).read_text("utf-8")
    (small / INDEX).write_text(text.replace('"gain_db": -', '"gain_db": -1'), "utf-8")
    second = Recordings(small, cache)
    assert np.abs(second.mapped(second.notes[0]).sides).max() < 0.5 * np.abs(loud).max()


def test_the_nearest_recording_is_of_the_layer_where_it_has_one_near(small: Path, tmp_path: Path) -> None:
    folder = Recordings(small, tmp_path)
    assert (folder.nearest(3, 62).pitch, folder.nearest(3, 62).layer) == (61, 3)
    assert (folder.nearest(0, 64).pitch, folder.nearest(0, 64).layer) == (65, 0)
    assert (folder.nearest(3, 69).pitch, folder.nearest(3, 69).layer) == (65, 0)


def test_damage_is_named(small: Path, tmp_path: Path) -> None:
    broken = Recordings(small, tmp_path / "cache")
    (small / broken.notes[0].file).write_bytes(b"OggS but no more")
    with pytest.raises(InstrumentError, match=broken.notes[0].file):
        broken.mapped(broken.notes[0])
    for text in ("{", '{"notes": 3, "releases": []}', '{"notes": [{"file": "a"}], "releases": []}', "[]"):
        (small / INDEX).write_text(text, "utf-8")
        with pytest.raises(InstrumentError, match=INDEX):
            Recordings(small, tmp_path / "cache")


def test_what_was_played_is_given_back(tmp_path: Path) -> None:
    folder = Recordings(INSTRUMENTS_FOLDER / "salamander", tmp_path)
    notes = [folder.mapped(one) for one in folder.notes if 50 <= one.pitch <= 60]
    process = psutil.Process()
    folder.forget()
    before = process.memory_info().rss
    sums = [int(note.sides.astype(np.int64).sum()) for note in notes]
    read = process.memory_info().rss - before
    folder.forget()
    kept = process.memory_info().rss - before
    mapped = sum(note.sides.nbytes for note in notes)
    assert mapped > 25_000_000
    assert read > 0.7 * mapped
    assert kept < read - 0.7 * mapped
    assert [int(note.sides.astype(np.int64).sum()) for note in notes] == sums
