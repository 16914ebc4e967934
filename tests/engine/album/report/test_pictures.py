"""Loudness and level over time, as a report draws them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.album.report.pictures import short_term_level, short_term_lufs

RATE_HZ = 48_000


def tone(amplitude: float, length_s: float) -> np.ndarray:
    sound = amplitude * np.sin(2 * np.pi * 997 * np.arange(round(length_s * RATE_HZ)) / RATE_HZ)
    return np.stack([sound, sound], axis=1).astype(np.float32)


def test_a_tone_of_997_hz_has_the_loudness_that_ebu_tech_3341_gives_it() -> None:
    times_s, lufs = short_term_lufs(tone(10 ** (-23 / 20), 12.0), RATE_HZ)
    middle = (times_s > 3) & (times_s < 9)
    assert lufs[middle] == pytest.approx(-23.0, abs=0.1)


def test_what_is_louder_later_is_louder_there_and_silence_has_a_floor(tmp_path: Path) -> None:
    sound = np.concatenate([tone(0.05, 8.0), tone(0.5, 8.0), 0 * tone(1.0, 8.0)])
    times_s, lufs = short_term_lufs(sound, RATE_HZ)
    soft, loud, quiet = (lufs[(times_s > at) & (times_s < at + 4)].mean() for at in (2, 10, 19))
    assert loud - soft == pytest.approx(20.0, abs=0.2)
    assert quiet < soft - 20
    assert np.isfinite(lufs).all()
    soundfile.write(tmp_path / "s.wav", sound, RATE_HZ, subtype="FLOAT")
    level_times_s, level = short_term_level(tmp_path / "s.wav")
    assert level_times_s == pytest.approx(times_s)
    inner = (times_s > 2) & (times_s < 14)
    assert level[inner] == pytest.approx(lufs[inner], abs=1.0), "at 1 kHz the weighting does next to nothing"
