"""The room's sound against the stems that were sent to it: found to the frame, and cut to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import soundfile

from engine.history.archive.alignment import cut_room, place_in_room

RATE_HZ = 48_000
MOST = RATE_HZ


def strings(seconds: float, seed: int) -> np.ndarray:
    """Plucked tones at random, soft noise under them."""
    rng = np.random.default_rng(seed)
    sound = 1e-4 * rng.standard_normal(round(seconds * RATE_HZ))
    for beat in range(0, len(sound) - 2 * RATE_HZ, RATE_HZ // 3):
        onset = beat + rng.integers(0, RATE_HZ // 3)
        time_s = np.arange(RATE_HZ) / RATE_HZ
        hz = 110 * 2 ** (rng.integers(0, 36) / 12)
        tone = sum(np.sin(2 * np.pi * hz * n * time_s) / n**1.5 for n in range(1, 9))
        sound[onset : onset + RATE_HZ] += 0.1 * np.exp(-4 * time_s) * np.minimum(time_s / 0.003, 1) * tone
    return np.stack([sound, 0.7 * sound], axis=1)


def in_a_room(dry: np.ndarray, seed: int) -> np.ndarray:
    """Softer, a little duller, with two seconds of reverberation as strong as itself."""
    rng = np.random.default_rng(seed)
    tail = rng.standard_normal((2 * RATE_HZ, 2)) * np.exp(-np.arange(2 * RATE_HZ) / RATE_HZ * 4)[:, None]
    tail[: RATE_HZ // 50] = 0
    tail /= np.sqrt((tail**2).sum(axis=0))
    wet = scipy.signal.fftconvolve(dry, tail, axes=0)[: len(dry)]
    dull = scipy.signal.sosfiltfilt(scipy.signal.butter(1, 9000, fs=RATE_HZ, output="sos"), dry, axis=0)
    return 0.4 * (dull + wet)


@pytest.mark.parametrize("place", [0, 17_003, 31_111, MOST])
def test_the_place_is_found_to_the_frame(place: int, tmp_path: Path) -> None:
    played = strings(10.0, 3)
    soundfile.write(tmp_path / "room.flac", in_a_room(played, 4), RATE_HZ, subtype="PCM_24")
    sent = played[place : place + len(played) - MOST]
    soundfile.write(tmp_path / "mix.flac", sent, RATE_HZ, subtype="PCM_24")
    assert place_in_room(tmp_path / "room.flac", tmp_path / "mix.flac", MOST) == place


def test_other_sound_and_silence_have_no_place(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "mix.flac", strings(6.0, 3), RATE_HZ, subtype="PCM_24")
    for other in (strings(7.0, 9), np.zeros((7 * RATE_HZ, 2))):
        soundfile.write(tmp_path / "room.flac", other, RATE_HZ, subtype="PCM_24")
        assert place_in_room(tmp_path / "room.flac", tmp_path / "mix.flac", MOST) is None


def test_a_file_is_cut_without_a_bit_changed(tmp_path: Path) -> None:
    path = tmp_path / "room.flac"
    soundfile.write(path, strings(3.0, 3), RATE_HZ, subtype="PCM_24")
    before = soundfile.read(path, dtype="int32")[0]
    cut_room(path, 1234, 2 * RATE_HZ)
    after = soundfile.read(path, dtype="int32")[0]
    assert np.array_equal(after, before[1234 : 1234 + 2 * RATE_HZ])
    assert list(tmp_path.iterdir()) == [path]
