"""What is done to a texture before it plays, everything in order: from a file to a loop in the mood's scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import TextureError
from engine.files.audio.audio_file import AudioFile
from engine.files.audio.downmix import to_stereo
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.textures import analysis, operations
from engine.sound.textures.files import (
    HIGHEST_PEAK,
    LOUDNESS_RMS,
    MOST_GAIN,
    SILENT_RMS,
    Stereo,
    TextureLoop,
    check_header,
    reading_speed,
)
from engine.sound.textures.filters import resampled

LONGEST_FITTED_S: Final = 90.0
"""Of a longer file this much is fitted and played, from a place by chance: it is held in memory as a whole."""
PITCHED: Final = 0.3
"""Pitchedness (see `textures.operations`) from which a sound can clash with a scale: wind and rain do not."""
DUCKED_DB: Final = -24.0
ENOUGH_LEFT: Final = 0.3
"""If cutting would leave less of a texture than this share, its clashes are ducked instead."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """What settings ask for; `scale` holds pitch classes 0..11 (C is 0), none for any."""

    scale: tuple[int, ...] = ()
    dissonance: Literal["keep", "duck", "cut"] = "keep"
    pair: bool = False
    top: bool = False
    lower_noise: bool = False
    reverse: bool = False
    octave: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether a file can be streamed as it is, forwards or backwards, at any octave."""
        return replace(self, scale=(), reverse=False, octave=0) == Treatment()


class Loop(Protocol):
    """A texture as it plays: [2, frames] float32 at 48 kHz, without end. `looped` never fails."""

    path: Path
    position: int
    """Frames, at 48 kHz, that were heard of it so far."""
    speed: float
    """At which it is read; see `engine.sound.textures.files.reading_speed`."""

    def looped(self, start: int, count: int) -> Stereo:
        """`count` frames from frame `start` of its own on, forwards; below 0 lies what comes before its beginning."""

    def close(self) -> None: ...


class FittedLoop:
    """A loop [2, frames] held in memory."""

    def __init__(self, path: Path, loop: Stereo, speed: float = 1.0) -> None:
        self.path, self._loop, self.speed = path, loop, speed
        self.position = 0

    def looped(self, start: int, count: int) -> Stereo:
        start %= self._loop.shape[1]
        if start + count <= self._loop.shape[1]:
            return self._loop[:, start : start + count].copy()
        return self._loop[:, np.arange(start, start + count) % self._loop.shape[1]]

    def close(self) -> None:
        self._loop = self._loop[:, :0]


def open_texture(path: Path, treatment: Treatment, place: float) -> Loop:
    """A file as a loop treated as asked. Raises `TextureError` naming it.

    Of a file longer than `LONGEST_FITTED_S` the part at `place` (0 the first, 1 the last) is fitted; with nothing to
    be fitted the whole of any file is streamed. Takes up to some seconds: not for the thread that renders.
    """
    if treatment.is_plain:
        return TextureLoop(path, treatment.reverse, treatment.octave)
    loop = np.ascontiguousarray(fitted(*_read(path, place), treatment, f"texture {path.name}").T)
    return FittedLoop(path, loop, reading_speed(treatment.reverse, treatment.octave))


def fitted(sound: NDArray[Any], rate_hz: int, treatment: Treatment, name: str = "texture") -> NDArray[np.float32]:
    """Sound [frames] or [frames x channels] as a loop [frames x 2] at 48 kHz, level `LOUDNESS_RMS`.

    In this order: moved into the scale and clashes ducked or cut, if it is pitched at all; noise lowered; top restored,
    and what reading octaves up would fold down taken away; end faded into beginning; doubled to a pair. Reversing and
    octaves are left to who reads it. A pure function; raises `TextureError`.
    """
    sound = analysis.checked(sound, rate_hz, name)
    heard = sound[:, :2] if sound.ndim == 2 and sound.shape[1] > 1 and not treatment.pair else analysis.mono(sound)
    heard = heard - heard.mean(axis=0, dtype=np.float64).astype(np.float32)
    del sound  # 17 MB of a minute and a half
    chroma = analysis.chroma(heard, rate_hz) if treatment.scale and treatment.dissonance != "keep" else None
    if chroma is not None and analysis.pitchedness(chroma) >= PITCHED:
        if step := analysis.fitting_transposition(chroma, treatment.scale):
            heard = operations.transpose(heard, step)
            chroma = analysis.chroma(heard, rate_hz)
        gain = _gain(heard, name)  # before anything is ducked, or what is left of a clash would be raised again
        stretches = analysis.dissonant_stretches(chroma, rate_hz, treatment.scale)
        heard = _without_clashes(heard, rate_hz, stretches, treatment.dissonance == "cut")
    else:
        gain = _gain(heard, name)
    if treatment.lower_noise:
        heard = operations.lower_noisy(heard, rate_hz)
    needs_top = treatment.top and analysis.lacks_top(heard, round(rate_hz * 2.0**treatment.octave))
    heard = resampled(heard, rate_hz, SAMPLE_RATE_HZ)
    if needs_top:
        heard = operations.restore_top(heard, SAMPLE_RATE_HZ, operations.TOP_FROM_HZ / 2.0**treatment.octave)
    heard = operations.without_folding(heard, SAMPLE_RATE_HZ, treatment.octave)
    loop = operations.seamless_loop(heard, SAMPLE_RATE_HZ)
    loop = loop * np.float32(min(gain, HIGHEST_PEAK / max(1e-9, float(np.abs(loop).max()))))
    if loop.ndim == 2:
        return loop
    return operations.stereo_pair(loop) if treatment.pair else np.stack([loop, loop], axis=1)


def _without_clashes(
    sound: NDArray[np.float32], rate_hz: int, stretches: Sequence[analysis.Stretch], cuts: bool
) -> NDArray[np.float32]:
    if cuts:
        left = operations.cut(sound, stretches, rate_hz)
        if len(left) >= ENOUGH_LEFT * len(sound) and len(left) >= analysis.SHORTEST_S * rate_hz:
            return left
    return operations.duck(sound, stretches, rate_hz, DUCKED_DB)


def _gain(sound: NDArray[np.float32], name: str) -> float:
    rms = float(np.sqrt(np.mean(np.square(sound), dtype=np.float64)))
    if rms < SILENT_RMS:
        raise TextureError(f"{name}: is silent; give a file with sound")
    return min(LOUDNESS_RMS / rms, MOST_GAIN)


def _read(path: Path, place: float) -> tuple[NDArray[np.float32], int]:
    """Up to `LONGEST_FITTED_S` of a file, [frames x 1 or 2], and its rate."""
    try:
        with AudioFile(path) as file:
            check_header(file, f"texture {path.name}")
            most = round(LONGEST_FITTED_S * file.samplerate)
            file.seek(round(place * max(0, file.frames - most)))
            sound = file.read(most)
            return sound if file.channels <= 2 else to_stereo(sound, file.container), file.samplerate
    except (OSError, RuntimeError) as problem:
        raise TextureError(f"texture {path.name}: cannot be read ({problem}); give a WAV, FLAC, OGG or MP3") from None
