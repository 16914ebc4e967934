"""Sound as pictures see it: spectrograms on the axis of pitch, so that notes lie on what they sound like."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

LOWEST_PITCH: Final = 22
HIGHEST_PITCH: Final = 132
"""12.5 kHz."""
ROWS_PER_SEMITONE: Final = 3
_WINDOW_S: Final = 0.34
_QUIET_DB: Final = -120.0


def pitch_spectrogram(path: Path, columns: int) -> NDArray[np.float32]:
    """Level in dB [rows, columns] of a sound file, its channels added; rows rise from `LOWEST_PITCH` in thirds of
    semitones, 0 dB is the loudest."""
    with soundfile.SoundFile(path) as file:
        rate_hz, frames = int(file.samplerate), int(file.frames)
        sound = np.zeros(frames, np.float32)
        done = 0
        for block in file.blocks(1 << 18, dtype="float32", always_2d=True):
            sound[done : done + len(block)] = block.mean(axis=1)
            done += len(block)
    window = 1 << round(np.log2(_WINDOW_S * rate_hz))
    padded = np.pad(sound, window // 2)
    starts = np.linspace(0, max(0, frames - 1), columns).astype(int)
    shape = np.hanning(window).astype(np.float32)
    power = np.empty((columns, window // 2 + 1), np.float32)
    for column, start in enumerate(starts):
        power[column] = np.abs(np.fft.rfft(padded[start : start + window] * shape)) ** 2
    level = 10 * np.log10(_by_pitch(power, rate_hz / window).T + 1e-12)
    return np.maximum(level - level.max(initial=_QUIET_DB), _QUIET_DB).astype(np.float32)


def _by_pitch(power: NDArray[np.float32], line_hz: float) -> NDArray[np.float32]:
    """Power [columns, lines] as [columns, rows]: the strongest line of each third of a semitone, or what lies between
    lines where they are further apart."""
    rows = np.arange((HIGHEST_PITCH - LOWEST_PITCH) * ROWS_PER_SEMITONE + 1)
    edges_hz = 440.0 * 2 ** ((LOWEST_PITCH - 69 + (rows - 0.5) / ROWS_PER_SEMITONE) / 12)
    edges = edges_hz / line_hz
    out = np.empty((len(power), len(rows) - 1), np.float32)
    for row in range(len(rows) - 1):
        low, high = int(np.ceil(edges[row])), int(edges[row + 1])
        if high > low:
            out[:, row] = power[:, low : high + 1].max(axis=1)
        else:
            middle = 0.5 * (edges[row] + edges[row + 1])
            below = int(middle)
            share = middle - below
            out[:, row] = (1 - share) * power[:, below] + share * power[:, below + 1]
    return out


def waveform(path: Path, columns: int) -> NDArray[np.float32]:
    """Lowest and highest value of each stretch of a sound file, its channels added, [2, columns]."""
    sound, _ = soundfile.read(path, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)
    edges = np.linspace(0, len(mono), columns + 1).astype(int)[:-1]
    return np.stack([np.minimum.reduceat(mono, edges), np.maximum.reduceat(mono, edges)])
