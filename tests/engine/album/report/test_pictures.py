"""Loudness and level over time, as a report draws them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.album.measurement.loudness_over_time import SHORT_TERM_S, loudness_curve
from engine.album.report.pictures import short_term_level

RATE_HZ = 48_000


def tone(amplitude: float, length_s: float) -> np.ndarray:
    sound = amplitude * np.sin(2 * np.pi * 997 * np.arange(round(length_s * RATE_HZ)) / RATE_HZ)
    return np.stack([sound, sound], axis=1).astype(np.float32)


def test_what_is_louder_later_is_louder_there_and_silence_has_a_floor(tmp_path: Path) -> None:
    sound = np.concatenate([tone(0.05, 8.0), tone(0.5, 8.0), 0 * tone(1.0, 8.0)])
    times_s, lufs = loudness_curve(sound, RATE_HZ, SHORT_TERM_S, 0.5)
    soft, loud, quiet = (lufs[(times_s > at) & (times_s < at + 4)].mean() for at in (2, 10, 19))
    assert loud - soft == pytest.approx(20.0, abs=0.2)
    assert quiet < soft - 20
    assert np.isfinite(lufs).all()
    soundfile.write(tmp_path / "s.wav", sound, RATE_HZ, subtype="FLOAT")
    level_times_s, level = short_term_level(tmp_path / "s.wav")
    inner = ((level_times_s > 3) & (level_times_s < 5)) | ((level_times_s > 11) & (level_times_s < 13))
    same = np.interp(level_times_s[inner], times_s, lufs)
    assert level[inner] == pytest.approx(same, abs=1.0), "at 1 kHz the weighting does next to nothing"
