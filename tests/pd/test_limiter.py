"""The limiter: never above -1.2 dBTP whatever comes in, and not there at all when nothing is too loud."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from engine.room.pd_process import pd_symbol
from tests.pd.batch import HERE, Event, run_batch

LOOKAHEAD_FRAMES = 141
SECONDS = 1.5


def limited(folder: Path, audio: np.ndarray) -> np.ndarray:
    """What the limiter makes of float32[frames, 2]."""
    source, out = folder / "in.wav", folder / "out.wav"
    soundfile.write(source, audio, 48_000, subtype="FLOAT")
    events = [
        Event(0, f"read open {pd_symbol(str(source))}"),
        Event(0, f"write open -wave -bytes 4 {pd_symbol(str(out))}"),
        Event(100, "read 1"),
        Event(100, "write start"),
        Event(100 + 1000 * SECONDS, "write stop"),
    ]
    _, errors = run_batch(folder, [HERE / "limiter.pd"], events, out)
    assert not errors
    return soundfile.read(out, dtype="float32")[0][:-512]


def true_peak_db(audio: np.ndarray) -> float:
    """By four-fold oversampling with a long filter of its own, not the limiter's."""
    faded = audio * np.minimum(1.0, np.arange(len(audio))[::-1, None] / 64)  # a cut end would ring
    fine = resample_poly(faded.astype(np.float64), 4, 1, axis=0, window=("kaiser", 9.0))
    return 20 * np.log10(max(np.abs(fine).max(), np.abs(audio).max()))


def material(kind: str) -> np.ndarray:
    frames = round(SECONDS * 48_000)
    time_s = np.arange(frames) / 48_000
    random = np.random.default_rng(5)
    audio = {
        "quarter of the rate, between the frames": 2.0 * np.sin(2 * np.pi * 12_000 * time_s + np.pi / 4),
        "high and uneven": 1.5 * np.sin(2 * np.pi * 17_321 * time_s),
        "loud noise": 0.9 * random.standard_normal(frames),
        "clicks out of silence": np.where(np.arange(frames) % 6_007 < 2, 4.0, 0.0),
        "square": 3.0 * np.sign(np.sin(2 * np.pi * 441 * time_s)),
        "music that swells": 1.6 * np.sin(2 * np.pi * 220 * time_s) * np.sin(2 * np.pi * 1.7 * time_s) ** 2,
    }[kind]
    return np.stack([audio, 0.5 * np.roll(audio, 333)], axis=1).astype(np.float32)


@pytest.mark.parametrize(
    "kind",
    [
        "quarter of the rate, between the frames",
        "high and uneven",
        "loud noise",
        "clicks out of silence",
        "square",
        "music that swells",
    ],
)
def test_true_peak_stays_below(kind: str, tmp_path: Path) -> None:
    audio = material(kind)
    assert true_peak_db(audio) > 1.0, "the material must need limiting"
    out = limited(tmp_path, audio)
    assert true_peak_db(out) <= -1.2
    assert true_peak_db(out) > -9.0, "limited, not silenced"


def test_soft_music_passes_bit_for_bit(tmp_path: Path) -> None:
    audio = material("music that swells") * np.float32(0.4)
    out = limited(tmp_path, audio)
    frames = len(out) - LOOKAHEAD_FRAMES - 64
    start = int(np.argmax(np.abs(out[:, 0]) > 0)) - int(np.argmax(np.abs(audio[:, 0]) > 0))
    np.testing.assert_array_equal(out[start : start + frames - 64], audio[: frames - 64])
    assert start % 64 == LOOKAHEAD_FRAMES % 64
