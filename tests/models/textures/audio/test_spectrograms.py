"""Spectrograms: what is loudest is nought, what is silent is far below, and a picture comes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from models.textures.audio.mu_law import RATE_HZ
from models.textures.audio.spectrograms import draw_bodies, draw_spectrograms, spectrogram_db


def tone(frequency_hz: float, length_s: float = 1.0) -> np.ndarray:
    return np.asarray(0.1 * np.sin(2 * np.pi * frequency_hz * np.arange(round(length_s * RATE_HZ)) / RATE_HZ))


def test_a_tone_is_the_loudest_line_and_the_rest_lies_below() -> None:
    db = spectrogram_db(tone(1000.0))
    assert db.max() == pytest.approx(0.0, abs=1e-6)
    assert set(db.argmax(axis=0)) == {round(1000.0 / RATE_HZ * 1024)}
    assert np.median(db) < -80.0


def test_sound_shorter_than_a_window_has_one_moment_and_silence_no_infinity() -> None:
    assert spectrogram_db(tone(1000.0, 0.01)).shape[1] == 1
    assert np.isfinite(spectrogram_db(np.zeros(4000))).all()


def test_as_many_rows_of_pictures_as_files_need(tmp_path: Path) -> None:
    files = []
    for number in range(4):
        files.append(tmp_path / f"{number} $x$.wav")
        soundfile.write(files[-1], tone(500.0 * (number + 1)), RATE_HZ)
    heights = []
    for count in (1, 4):
        draw_spectrograms(files[:count], tmp_path / "sheet.png")
        data = (tmp_path / "sheet.png").read_bytes()
        assert data.startswith(b"\x89PNG")
        heights.append(int.from_bytes(data[20:24], "big"))
    assert heights[1] == 2 * heights[0]
    draw_bodies({"real": {"pads": [tone(300.0)]}, "drawn": {"pads": [tone(400.0)]}}, tmp_path / "bodies.png")
    assert (tmp_path / "bodies.png").stat().st_size > 10_000
