"""One page for the eyes: of a record with its checks, and of any folder with sound, stems and notes in it."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.album.rendering.rendering import Result
from engine.album.report import page_audio, report
from engine.album.report import pictures as pictures_of_sound
from engine.album.report.pictures import Picture
from engine.album.report.report import write_report
from engine.errors import RecordError
from engine.music.midi.writing import write_scores
from engine.music.notes import Note, Score


def pictures(page: Path) -> list[bytes]:
    return [base64.b64decode(found) for found in re.findall(r"data:image/png;base64,([^\"]+)", page.read_text("utf-8"))]


def test_a_record_has_a_page_of_its_own(record: Result, tmp_path: Path) -> None:
    page = write_report(record.folder, tmp_path / "page.html")
    text = page.read_text("utf-8")
    for said in ("Étude &quot;brève&quot;", "seed 5", "opening 0:00", "D major", "every piano note in the scale"):
        assert said in text
    assert "✗" not in text
    words = re.sub(r"base64,[^\"]+", "", text)  # chance may write anything there
    assert "http" not in words.replace("http://www.w3.org", "")
    assert [picture[:4] for picture in pictures(page)] == [b"\x89PNG"] * 4, "of each track all of it, and its mix"
    sounds = [base64.b64decode(found) for found in re.findall(r"data:audio/ogg;base64,([^\"]+)", text)]
    lengths_s = [soundfile.info(io.BytesIO(sound)).duration for sound in sounds]
    assert lengths_s == pytest.approx([25.0, 17.0], abs=0.1), "one file holds the sound, too"
    assert "viewport" in text


def test_a_long_record_is_played_from_the_files_beside_its_page(
    record: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_audio, "MOST_S", 30.0)
    monkeypatch.setattr(report, "verify", lambda folder: [])
    monkeypatch.setattr(pictures_of_sound, "picture", lambda part: Picture("", 0.1, 0.9, 1.0))
    monkeypatch.setattr(report, "_form", lambda part: ())
    text = write_report(record.folder, tmp_path / "page.html").read_text("utf-8")
    assert 'src="01-air.flac"' in text
    assert "data:audio" not in text


def test_a_stretch_that_was_kept_needs_no_recipe(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for name in ("room", "piano"):
        soundfile.write(tmp_path / f"{name}.flac", 0.1 * rng.standard_normal((4 * 48_000, 2)), 48_000)
    write_scores(tmp_path / "score.mid", [(0.5, Score({"piano": (Note(0.0, 62, 1.0, 60), Note(1.0, 66, 1.0, 60))}))])
    text = write_report(tmp_path).read_text("utf-8")
    assert "<h2>room</h2>" in text
    assert "piano 2" in text
    (tmp_path / "nothing").mkdir()
    with pytest.raises(RecordError, match="holds no sound"):
        write_report(tmp_path / "nothing")
