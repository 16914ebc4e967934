"""Any audio file as mono sound at a wanted rate, checked."""

from __future__ import annotations

from math import gcd
from pathlib import Path

import numpy as np
import scipy.signal
import soundfile
from numpy.typing import NDArray

from engine.errors import TextureError


def read_mono(path: Path, rate_hz: int) -> NDArray[np.float32]:
    """Sound of shape (frames,) at `rate_hz`, channels averaged; raises `TextureError` naming the file."""
    try:
        sound, own_rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise TextureError(f"{path}: cannot be read as audio ({error}); use WAV, FLAC, Ogg, Opus or MP3") from error
    if not len(sound):
        raise TextureError(f"{path}: holds no audio")
    if not np.isfinite(sound).all():
        raise TextureError(f"{path}: holds values that are not numbers; write it again from its source")
    return resampled(sound.mean(axis=1), int(own_rate_hz), rate_hz)


def resampled(sound: NDArray[np.floating], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """Sound of shape (frames,) or (frames, channels) moved from one rate to another by a polyphase filter."""
    if from_hz == to_hz:
        return np.asarray(sound, dtype=np.float32)
    common = gcd(from_hz, to_hz)
    return np.asarray(scipy.signal.resample_poly(sound, to_hz // common, from_hz // common, axis=0), dtype=np.float32)
