"""`textures corpus …` as a person types it: a folder of audio becomes material, and is reported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from engine.cli.app import app
from engine.errors import AmeublementError


def typed(*words: object) -> Result:
    return CliRunner().invoke(app, ["textures", "corpus", *map(str, words)])


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    folder = tmp_path / "audio"
    folder.mkdir()
    rng = np.random.default_rng(1)
    for number in range(3):
        time_s = np.arange(24 * 22_050) / 22_050
        sound = 0.2 * np.sin(2 * np.pi * 200 * (number + 1) * time_s) + 0.02 * rng.standard_normal(len(time_s))
        soundfile.write(folder / f"{number}.wav", sound, 22_050)
    (folder / "broken.wav").write_bytes(b"nothing")
    return folder


def test_a_folder_of_audio_becomes_a_corpus_with_a_report_and_pictures(audio: Path, tmp_path: Path) -> None:
    done = typed("import", audio, "--style", "hum", "--out", tmp_path / "corpus")
    assert done.exit_code == 0, done.output
    assert "broken.wav" in done.output
    rows = [line.split() for line in done.output.splitlines() if line.startswith("hum ")]
    assert sum(float(minutes) for *_, minutes, _ in rows) == pytest.approx(3 * 24 / 60), "all of each"
    assert (tmp_path / "corpus" / "sheet.png").read_bytes().startswith(b"\x89PNG")
    again = typed("report", tmp_path / "corpus", "--sheet", tmp_path / "mine.png")
    assert again.exit_code == 0, again.output
    assert (tmp_path / "mine.png").exists()


def test_a_folder_without_audio_is_named(tmp_path: Path) -> None:
    done = typed("import", tmp_path, "--style", "hum", "--out", tmp_path / "corpus")
    assert isinstance(done.exception, AmeublementError)
    assert str(tmp_path) in str(done.exception)
