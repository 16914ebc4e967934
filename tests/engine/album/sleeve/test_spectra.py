"""What pictures show of a sound lies where its notes lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.album.sleeve.spectra import HIGHEST_PITCH, LOWEST_PITCH, ROWS_PER_SEMITONE, pitch_spectrogram, waveform


def write(path: Path, *parts: np.ndarray, rate_hz: int = 48_000) -> Path:
    sound = np.concatenate(parts)
    soundfile.write(path, np.stack([sound, sound], axis=1), rate_hz, subtype="FLOAT")
    return path


def tone(pitch: float, length_s: float = 2.0, rate_hz: int = 48_000) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * np.arange(round(length_s * rate_hz)) / rate_hz)


@pytest.mark.parametrize("pitch", [36, 69, 100])
@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_a_tone_is_brightest_in_its_own_row(pitch: int, rate_hz: int, tmp_path: Path) -> None:
    found = pitch_spectrogram(write(tmp_path / "t.wav", tone(pitch, rate_hz=rate_hz), rate_hz=rate_hz), 20)
    assert found.shape == ((HIGHEST_PITCH - LOWEST_PITCH) * ROWS_PER_SEMITONE, 20)
    assert found.max() == 0.0
    brightest = found[:, 10].argmax() / ROWS_PER_SEMITONE + LOWEST_PITCH
    assert brightest == pytest.approx(pitch, abs=0.7)


def test_columns_follow_time_and_silence_has_no_level(tmp_path: Path) -> None:
    found = pitch_spectrogram(write(tmp_path / "t.wav", tone(60), 0 * tone(60), tone(84)), 30)
    first, quiet, last = found[:, 4], found[:, 15], found[:, 25]
    assert first.argmax() < last.argmax()
    assert quiet.max() < -80.0
    nothing = pitch_spectrogram(write(tmp_path / "n.wav", 0 * tone(60)), 5)
    assert np.isfinite(nothing).all()


def test_a_waveform_has_the_lowest_and_highest_of_each_stretch(tmp_path: Path) -> None:
    low, high = waveform(write(tmp_path / "t.wav", np.full(100, 0.25), np.full(100, -0.5)), 4)
    assert high[:2].tolist() == [0.25, 0.25]
    assert low[2:].tolist() == [-0.5, -0.5]
