"""Who occupies which band, who is hidden for how long, and what mono leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.album.measurement.mix import BANDS_HZ, entry_db, mono_loss_lu, stem_reports

RATE_HZ = 48_000


def written(path: Path, hz: float, amplitude: np.ndarray) -> Path:
    """A tone whose amplitude stands for a second each."""
    level = np.repeat(amplitude, RATE_HZ)
    one = level * np.sin(2 * np.pi * hz * np.arange(len(level)) / RATE_HZ)
    soundfile.write(path, np.stack([one, one], axis=1), RATE_HZ, subtype="FLOAT")
    return path


def test_a_soft_tone_under_a_loud_one_of_the_same_band_is_hidden_as_long_as_that_lasts(tmp_path: Path) -> None:
    stems = {
        "cello": written(tmp_path / "cello.wav", 200.0, np.full(10, 0.02)),
        "chords": written(tmp_path / "chords.wav", 205.0, np.array([0.0] * 4 + [0.4] * 6)),
        "bells": written(tmp_path / "bells.wav", 2000.0, np.full(10, 0.02)),
    }
    found = {report.name: report for report in stem_reports(stems)}
    assert found["cello"].longest_hidden_s == pytest.approx(6.0, abs=0.5)
    assert found["cello"].hidden == pytest.approx(0.6, abs=0.05)
    assert found["bells"].hidden == 0.0
    band = int(np.abs(np.array(BANDS_HZ) - 2000).argmin())
    assert found["bells"].occupancy[band] > 0.99


def test_mono_keeps_what_is_alike_loses_half_of_what_is_not_and_all_of_what_is_opposed() -> None:
    rng = np.random.default_rng(1)
    one, other = 0.1 * rng.standard_normal((2, 4 * RATE_HZ)).astype(np.float32)
    assert mono_loss_lu(np.stack([one, one], axis=1), RATE_HZ) == pytest.approx(0.0, abs=0.01)
    assert mono_loss_lu(np.stack([one, other], axis=1), RATE_HZ) == pytest.approx(3.0, abs=0.2)
    assert mono_loss_lu(np.stack([one, -one], axis=1), RATE_HZ) == float("inf")


def test_a_voice_is_heard_entering_where_nobody_else_is(tmp_path: Path) -> None:
    stems = {
        "bells": written(tmp_path / "bells.wav", 2000.0, np.array([0.0] * 5 + [0.01] * 10)),
        "cello": written(tmp_path / "cello.wav", 205.0, np.array([0.0] * 5 + [0.01] * 10)),
        "piano": written(tmp_path / "piano.wav", 200.0, np.full(15, 0.4)),
    }
    assert entry_db(stems, "bells", 5.0) > 10.0, "far softer, but above"
    assert entry_db(stems, "cello", 5.0) < -20.0
    assert entry_db(stems, "bells", 99.0) == pytest.approx(0.0), "nothing sounds there"
