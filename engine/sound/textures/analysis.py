"""What a texture is like: its key, how much of it fits a scale, how noisy it is.

Pure functions on arrays. Sound is float32, mono [frames] or stereo [frames x 2], -1..1, at `rate_hz`; a scale is a set
of pitch classes 0..11, C being 0. What is asked about pitch is asked of a sound's `chroma`, which is measured once.
Errors are `TextureError`s that say what was expected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import TextureError
from engine.files.audio.downmix import to_mono
from engine.sound.textures.filters import resampled
from models.textures.audio.mu_law import BLOCK_FRAMES
from models.textures.audio.mu_law import RATE_HZ as ANALYSIS_RATE_HZ
from models.textures.audio.pitch_classes import PITCH_CLASSES, pitch_classes

Sound = NDArray[np.float32]
Chroma = NDArray[np.float32]
"""Presence 0..1 of the pitch classes, [blocks x 12], a block every 16 ms."""
Stretch = tuple[int, int]
"""First frame and the frame after the last."""
NOTE_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MAJOR_PROFILE: Final = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR_PROFILE: Final = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
"""How well listeners found the twelve pitch classes to fit a key (Krumhansl and Kessler 1982)."""
SHORTEST_S: Final = 1.0
FITS: Final = 0.9
"""So large a share in a scale leaves nothing to be gained by moving."""
SHORTEST_STRETCH_S: Final = 0.25
"""Nobody takes what is shorter for a dissonance, nor for the end of one."""
TOP_HZ: Final = 8200.0
MISSING_DB: Final = -60.0
"""Of the whole: with less above `TOP_HZ`, a sound has no top."""
WINDOWS_AT_ONCE: Final = 16
"""Their spectra stay in the cache of a core."""


@dataclass(frozen=True, slots=True)
class Key:
    """An estimated key. `confidence` is 0 when nothing speaks for any key, 1 for a plain triad or scale."""

    root: int
    mode: str
    confidence: float

    @property
    def name(self) -> str:
        return f"{NOTE_NAMES[self.root]} {self.mode}"


def checked(sound: NDArray[Any], rate_hz: int, name: str = "texture") -> Sound:
    """Sound as float32, or `TextureError`: no audio, too short, of a strange shape or rate, or not finite."""
    if sound.ndim not in (1, 2) or (sound.ndim == 2 and sound.shape[1] > 8):
        raise TextureError(f"{name}: expected frames x channels with at most 8 channels, got shape {sound.shape}")
    if not 4000 <= rate_hz <= 384_000:
        raise TextureError(f"{name}: a rate of {rate_hz} Hz; expected 4000 to 384000")
    if len(sound) < SHORTEST_S * rate_hz:
        raise TextureError(f"{name}: {len(sound) / rate_hz:.2f} s long; a texture needs at least {SHORTEST_S:g} s")
    if not np.isfinite(sound).all():
        raise TextureError(f"{name}: holds values that are not numbers; write it again from its source")
    return np.asarray(sound, dtype=np.float32)


def mono(sound: Sound) -> Sound:
    """Sound [frames]; see `engine.files.audio.downmix` for sides that cancel."""
    return sound if sound.ndim == 1 else to_mono(sound)


def chroma(sound: Sound, rate_hz: int) -> Chroma:
    """What is heard of the pitch classes; see `models.textures.audio.pitch_classes`."""
    return pitch_classes(resampled(mono(sound), rate_hz, ANALYSIS_RATE_HZ))


def estimate_key(heard: Chroma) -> Key:
    """The major or minor key whose profile correlates best with the pitch classes.

    Confidence is that correlation times `pitchedness`: noise has no key, nor has a cluster.
    (After Krumhansl, "Cognitive Foundations of Musical Pitch", 1990, chapter 4.)
    """
    weight = _power(heard)
    if weight.max() < 1e-6:
        return Key(0, "major", 0.0)
    scores = {
        (root, mode): float(np.corrcoef(np.roll(profile, root), weight)[0, 1])
        for mode, profile in (("major", MAJOR_PROFILE), ("minor", MINOR_PROFILE))
        for root in range(PITCH_CLASSES)
    }
    (root, mode), best = max(scores.items(), key=lambda item: item[1])
    return Key(root, mode, round(max(0.0, best) * pitchedness(heard), 3))


def pitchedness(heard: Chroma) -> float:
    """How far the present pitch classes stand out: 0 for noise, which has all twelve alike, 1 where five are absent."""
    weight = _power(heard)
    return (1.0 - float(np.sort(weight)[:5].mean() / weight.max())) ** 2 if weight.max() > 1e-6 else 0.0


def share_in_scale(heard: Chroma, scale: Iterable[int]) -> float:
    """Share 0..1 of what is heard of pitch classes that belongs to the scale; 1 for silence."""
    return _share(_power(heard), _members(scale))


def fitting_transposition(heard: Chroma, scale: Iterable[int]) -> int:
    """Semitones -6..5 that bring the sound into the scale; 0 where it fits already, or hardly gains by moving."""
    members, weight = _members(scale), _power(heard)
    here = _share(weight, members)
    if here >= FITS:
        return 0
    step = best_transposition(heard, members)
    return step if _share(np.roll(weight, step), members) > here + 0.05 else 0


def best_transposition(heard: Chroma, scale: Iterable[int]) -> int:
    """Semitones -6..5 that bring the sound's pitch classes furthest into the scale; the smallest of equals."""
    members, weight = _members(scale), _power(heard)
    steps = sorted(range(-6, 6), key=abs)
    return max(steps, key=lambda step: round(float(np.roll(weight, step)[members].sum()), 6))


def dissonant_stretches(heard: Chroma, rate_hz: int, scale: Iterable[int], tolerance: float = 0.35) -> list[Stretch]:
    """Stretches in which a foreign pitch class is clearly present, in frames of the sound at `rate_hz`.

    `tolerance` is how present it may be, of what the strongest in the scale is; stretches shorter than
    `SHORTEST_STRETCH_S` are left, gaps shorter than it are closed. The last may end within a block after the sound.
    """
    members = _members(scale)
    foreign = np.delete(heard, members, axis=1).max(axis=1, initial=0.0)
    native = heard[:, members].max(axis=1, initial=0.0)
    wrong = foreign > np.maximum(tolerance * native, 0.2)
    blocks = max(1, round(SHORTEST_STRETCH_S * ANALYSIS_RATE_HZ / BLOCK_FRAMES))
    wrong = ~_without_short(~_without_short(wrong, blocks), blocks)
    frames_per_block = rate_hz * BLOCK_FRAMES / ANALYSIS_RATE_HZ
    return [(int(a * frames_per_block), int(b * frames_per_block)) for a, b in _runs(wrong)]


def lacks_top(sound: Sound, rate_hz: int) -> bool:
    """Whether next to nothing of the sound is above `TOP_HZ`."""
    if rate_hz < 2.5 * TOP_HZ:
        return True
    power = np.abs(np.fft.rfft(mono(sound))) ** 2
    above = power[int(TOP_HZ * len(sound) / rate_hz) :].sum()
    return bool(above < 10.0 ** (MISSING_DB / 10.0) * max(1e-20, float(power.sum())))


def noisiness(sound: Sound, rate_hz: int, window_s: float = 0.064) -> Sound:
    """Spectral flatness 0..1 from 200 Hz to 7 kHz, [windows]: near 0 for tones, about 0.56 for white noise."""
    length = max(64, round(window_s * rate_hz))
    blocks = mono(sound)[: len(sound) // length * length].reshape(-1, length)
    hz = np.fft.rfftfreq(length, 1.0 / rate_hz)
    heard = (hz > 200.0) & (hz < min(7000.0, 0.45 * rate_hz))
    out = np.empty(len(blocks), np.float32)
    for first in range(0, len(blocks), WINDOWS_AT_ONCE):
        spectra = np.fft.rfft(blocks[first : first + WINDOWS_AT_ONCE] * np.hanning(length), axis=1)
        power = np.abs(spectra[:, heard]) ** 2 + 1e-14
        out[first : first + WINDOWS_AT_ONCE] = np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)
    return out


def _power(heard: Chroma) -> Chroma:
    """Mean square of each pitch class, [12]."""
    return np.asarray((heard**2).mean(axis=0))


def _share(weight: Chroma, members: list[int]) -> float:
    return float(weight[members].sum() / weight.sum()) if weight.sum() > 1e-9 else 1.0


def _members(scale: Iterable[int]) -> list[int]:
    members = sorted({pitch % PITCH_CLASSES for pitch in scale})
    if not members:
        raise TextureError("a scale without any pitch class: give at least one of 0..11")
    return members


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _without_short(flags: NDArray[np.bool_], shortest: int) -> NDArray[np.bool_]:
    kept = np.zeros_like(flags)
    for start, end in _runs(flags):
        kept[start:end] = end - start >= shortest
    return kept
