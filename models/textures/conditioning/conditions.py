"""What a texture network is told every 16 ms besides the style: pitch classes, and the level in four bands.

Both are measured on the training material. To draw, contours measured there are borrowed, moved into the wanted
scale (`in_scale`) and joined; the network fills them with sound. All arrays are [blocks x CONDITIONS] float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.textures.audio.mu_law import BLOCK_FRAMES, RATE_HZ

Frames = NDArray[np.float32]
PITCH_CLASSES: Final = 12
BAND_EDGES_HZ: Final = (40.0, 300.0, 900.0, 2400.0, 8000.0)
CONDITIONS: Final = PITCH_CLASSES + len(BAND_EDGES_HZ) - 1
NOUGHT_DB: Final = -50.0
UNIT_DB: Final = 25.0
PITCH_WINDOW: Final = 4096
BAND_WINDOW: Final = 1024
LOWEST_HZ: Final = 65.0
HIGHEST_HZ: Final = 1700.0
RANGE_DB: Final = 40.0
"""A spectral peak this far below the strongest of its moment counts as nothing."""


def measure(sound: NDArray[np.floating]) -> Frames:
    """Conditions of mono sound at `RATE_HZ`: one row per whole or begun block of `BLOCK_FRAMES`."""
    return np.concatenate([pitch_classes(sound), band_levels(sound)], axis=1)


def pitch_classes(sound: NDArray[np.floating]) -> Frames:
    """Presence of the pitch classes C to B, 0..1 each: the strongest spectral peak of the class, over `RANGE_DB`.

    Peaks are placed by parabolic interpolation between bins, which tells semitones apart down to about 100 Hz; a peak
    between two semitones counts less.
    """
    spectrum = windows(sound, PITCH_WINDOW)
    low, high = (int(hz * PITCH_WINDOW / RATE_HZ) for hz in (LOWEST_HZ, HIGHEST_HZ))
    level_db = 20.0 * np.log10(np.abs(spectrum[:, low - 1 : high + 2]) + 1e-7)
    left, middle, right = level_db[:, :-2], level_db[:, 1:-1], level_db[:, 2:]
    frame, place = np.nonzero((middle > left) & (middle >= right))
    a, b, c = left[frame, place], middle[frame, place], right[frame, place]
    hz = (place + low + 0.5 * (a - c) / np.minimum(a - 2.0 * b + c, -1e-6)) * RATE_HZ / PITCH_WINDOW
    pitch = 69.0 + 12.0 * np.log2(np.maximum(hz, 1.0) / 440.0)
    nearest = np.round(pitch).astype(int)
    presence = np.clip(1.0 + (b - level_db.max(axis=1)[frame]) / RANGE_DB, 0.0, 1.0)
    presence *= np.exp(-(((pitch - nearest) / 0.3) ** 2))
    classes = np.zeros((len(spectrum), PITCH_CLASSES))
    np.maximum.at(classes, (frame, nearest % PITCH_CLASSES), presence)
    classes[level_db.max(axis=1) < -60.0] = 0.0
    return smoothed(classes, 5)


def band_levels(sound: NDArray[np.floating]) -> Frames:
    """Level in each band of `BAND_EDGES_HZ`: 0 at `NOUGHT_DB` of full scale, 1 per `UNIT_DB`, within -1.2..2."""
    power = np.abs(windows(sound, BAND_WINDOW)) ** 2
    edges = [int(hz * BAND_WINDOW / RATE_HZ) for hz in BAND_EDGES_HZ]
    sums = np.stack([power[:, a + 1 : b + 1].sum(axis=1) for a, b in pairwise(edges)], axis=1)
    measured_db = 10.0 * np.log10(sums * 8.0 / 3.0 / BAND_WINDOW**2 * 2.0 + 1e-9)
    return smoothed(np.clip((measured_db - NOUGHT_DB) / UNIT_DB, -1.2, 2.0), 3)


def level_db(bands: NDArray[np.floating]) -> NDArray[np.floating]:
    """Band levels, as `band_levels` gives them, in dB of full scale."""
    return bands * UNIT_DB + NOUGHT_DB


def windows(sound: NDArray[np.floating], length: int) -> NDArray[np.complexfloating]:
    """Spectra [blocks x length / 2 + 1] of Hann windows centred on the blocks."""
    blocks = -(-len(sound) // BLOCK_FRAMES)
    before = (length - BLOCK_FRAMES) // 2
    padded = np.pad(sound.astype(np.float32), (before, length + BLOCK_FRAMES))
    views = np.lib.stride_tricks.sliding_window_view(padded, length)[::BLOCK_FRAMES][:blocks]
    return np.fft.rfft(views * np.hanning(length).astype(np.float32), axis=1)


def smoothed(values: NDArray[np.floating], blocks: int) -> Frames:
    """Moving mean over an odd number of blocks."""
    padded = np.pad(values, ((blocks // 2, blocks // 2), (0, 0)), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, blocks, axis=0).mean(axis=-1).astype(np.float32)


def in_scale(conditions: Frames, scale: Sequence[int]) -> Frames:
    """Conditions with their pitch classes turned to the transposition that fits the scale best, foreign ones dropped.

    `scale`: pitch classes 0..11 that may sound. Band levels stay as they are.
    """
    allowed = np.zeros(PITCH_CLASSES, np.float32)
    allowed[[pitch % PITCH_CLASSES for pitch in scale]] = 1.0
    classes = conditions[:, :PITCH_CLASSES]
    weight = (classes**2).sum(axis=0)
    steps = max(range(PITCH_CLASSES), key=lambda step: float(np.roll(weight, step) @ allowed))
    moved = np.roll(classes, steps, axis=1)
    return np.concatenate([moved * allowed, conditions[:, PITCH_CLASSES:]], axis=1)


def joined(contours: Sequence[Frames], blocks: int, fade_blocks: int = 94) -> Frames:
    """Contours one after another, each faded into the next over `fade_blocks` (1.5 s), cut to `blocks`."""
    total = contours[0]
    for contour in contours[1:]:
        if len(total) >= blocks:
            break
        fade = min(fade_blocks, len(total), len(contour))
        weight = np.linspace(0.0, 1.0, fade, dtype=np.float32)[:, None]
        mixed = total[len(total) - fade :] * (1.0 - weight) + contour[:fade] * weight
        total = np.concatenate([total[: len(total) - fade], mixed, contour[fade:]])
    return np.resize(total, (blocks, total.shape[1])).astype(np.float32)
