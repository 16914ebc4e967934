"""Which pitch classes are present in a sound, every 16 ms."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.textures.audio.mu_law import BLOCK_FRAMES, RATE_HZ

Frames = NDArray[np.float32]
PITCH_CLASSES: Final = 12
PITCH_WINDOW: Final = 4096
BLOCKS_AT_ONCE: Final = 16
"""Small arrays come out of the heap. Large ones are pages of the system, which it has to empty each time."""
LOWEST_HZ: Final = 65.0
HIGHEST_HZ: Final = 1700.0
RANGE_DB: Final = 40.0
"""A spectral peak this far below the strongest of its moment counts as nothing."""


def pitch_classes(sound: NDArray[np.floating]) -> Frames:
    """Presence of the pitch classes C to B, 0..1 each: the strongest spectral peak of the class, over `RANGE_DB`.

    Peaks are placed by parabolic interpolation between bins, which tells semitones apart down to about 100 Hz; a peak
    between two semitones counts less.
    """
    views = _views(sound, PITCH_WINDOW)
    several = range(0, max(1, len(views)), BLOCKS_AT_ONCE)
    return smoothed(np.concatenate([_classes(views[first : first + BLOCKS_AT_ONCE]) for first in several]), 5)


def _classes(views: NDArray[np.float32]) -> NDArray[np.floating]:
    """Presence [blocks x 12] in each of these stretches [blocks x `PITCH_WINDOW`] by itself."""
    low, high = (int(hz * PITCH_WINDOW / RATE_HZ) for hz in (LOWEST_HZ, HIGHEST_HZ))
    spectra = np.fft.rfft(views * np.hanning(PITCH_WINDOW).astype(np.float32), axis=1)[:, low - 1 : high + 2]
    level_db = 20.0 * np.log10(np.abs(spectra) + 1e-7)
    left, middle, right = level_db[:, :-2], level_db[:, 1:-1], level_db[:, 2:]
    frame, place = np.nonzero((middle > left) & (middle >= right))
    a, b, c = left[frame, place], middle[frame, place], right[frame, place]
    hz = (place + low + 0.5 * (a - c) / np.minimum(a - 2.0 * b + c, -1e-6)) * RATE_HZ / PITCH_WINDOW
    pitch = 69.0 + 12.0 * np.log2(np.maximum(hz, 1.0) / 440.0)
    nearest = np.round(pitch).astype(int)
    presence = np.clip(1.0 + (b - level_db.max(axis=1)[frame]) / RANGE_DB, 0.0, 1.0)
    presence *= np.exp(-(((pitch - nearest) / 0.3) ** 2))
    classes = np.zeros((len(level_db), PITCH_CLASSES))
    np.maximum.at(classes, (frame, nearest % PITCH_CLASSES), presence)
    classes[level_db.max(axis=1) < -60.0] = 0.0
    return classes


def windows(sound: NDArray[np.floating], length: int) -> NDArray[np.complexfloating]:
    """Spectra [blocks x length / 2 + 1] of Hann windows centred on the blocks."""
    return np.fft.rfft(_views(sound, length) * np.hanning(length).astype(np.float32), axis=1)


def _views(sound: NDArray[np.floating], length: int) -> NDArray[np.float32]:
    """Stretches [blocks x length] of sound, centred on the blocks."""
    blocks = -(-len(sound) // BLOCK_FRAMES)
    before = (length - BLOCK_FRAMES) // 2
    padded = np.pad(sound.astype(np.float32), (before, length + BLOCK_FRAMES))
    return np.lib.stride_tricks.sliding_window_view(padded, length)[::BLOCK_FRAMES][:blocks]


def smoothed(values: NDArray[np.floating], blocks: int) -> Frames:
    """Moving mean over an odd number of blocks."""
    padded = np.pad(values, ((blocks // 2, blocks // 2), (0, 0)), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, blocks, axis=0).mean(axis=-1).astype(np.float32)
