"""Any audio file as mono sound at a wanted rate, checked; opened by `engine.files.audio`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from engine.errors import TextureError
from engine.files.audio.audio_file import AudioFile
from engine.files.audio.downmix import to_mono, to_stereo

BLOCK_VALUES: Final = 1 << 19
MOST_VALUES: Final = 1 << 30
"""Three hours in stereo; four gigabytes."""
LOWEST_RATE_HZ: Final = 4_000
HIGHEST_RATE_HZ: Final = 768_000


def read_mono(path: Path, rate_hz: int) -> NDArray[np.float32]:
    """Sound of shape (frames,) at `rate_hz`, channels mixed; raises `TextureError` naming the file."""
    sound, own_rate_hz = read_checked(path)
    return resampled(to_mono(sound), own_rate_hz, rate_hz)


def read_stereo(path: Path, rate_hz: int, track: int = 0) -> NDArray[np.float32]:
    """Sound of shape (frames, 2) at `rate_hz`, a mono one on both sides; otherwise as `read_mono`.

    `track` is which of several in a file of stems.
    """
    sound, own_rate_hz = read_checked(path, track)
    return resampled(sound[:, [0, sound.shape[1] - 1]], own_rate_hz, rate_hz)


def read_checked(path: Path, track: int = 0) -> tuple[NDArray[np.float32], int]:
    """The frames (frames, 1 or 2) of a file and their rate; raises `TextureError` when it holds no usable sound."""
    sound, own_rate_hz = read_frames(path, track=track)
    if not LOWEST_RATE_HZ <= own_rate_hz <= HIGHEST_RATE_HZ:
        raise TextureError(f"{path}: {own_rate_hz} Hz is no rate of sound ({LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz)")
    if not len(sound):
        raise TextureError(f"{path}: holds no audio")
    if not np.isfinite(sound).all():
        raise TextureError(f"{path}: holds values that are not numbers; write it again from its source")
    return sound, own_rate_hz


def read_frames(path: Path, most_s: float = math.inf, track: int = 0) -> tuple[NDArray[np.float32], int]:
    """The frames there are, of shape (frames, 1 or 2), `most_s` at most, and their rate; raises `TextureError`.

    More than two channels are mixed down. Read in blocks, for a damaged header may claim billions of frames.
    """
    try:
        with AudioFile(path, track) as file:
            left = min(most_s * file.samplerate, MOST_VALUES // file.channels)
            blocks = []
            while left > 0 and len(block := _block(file, left)):
                blocks.append(block)
                left -= len(block)
            sound = np.concatenate(blocks) if blocks else np.empty((0, file.channels), np.float32)
            if left <= 0 and most_s == math.inf and len(_block(file, 1)):
                raise TextureError(f"{path}: longer than fits into memory ({MOST_VALUES} values); cut it into pieces")
            return sound if file.channels == 1 else to_stereo(sound, file.container), file.samplerate
    except (OSError, RuntimeError) as error:
        raise TextureError(f"{path}: cannot be read as audio ({error}); use WAV, FLAC, Ogg, Opus or MP3") from error


def _block(file: AudioFile, most_frames: float) -> NDArray[np.float32]:
    return file.read(max(1, int(min(most_frames, BLOCK_VALUES // file.channels))))


def resampled(sound: NDArray[np.floating], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """Sound of shape (frames,) or (frames, channels) moved from one rate to another by a polyphase filter."""
    if from_hz == to_hz:
        return np.asarray(sound, dtype=np.float32)
    common = math.gcd(from_hz, to_hz)
    return np.asarray(scipy.signal.resample_poly(sound, to_hz // common, from_hz // common, axis=0), dtype=np.float32)
