"""Bringing a texture to the music: its key, what does not fit, and what was done to it by hand for the record.

Pure functions on arrays. Sound is float32, mono [frames] or stereo [frames x 2], -1..1, at `rate_hz`; a scale is a set
of pitch classes 0..11, C being 0. Errors are `TextureError`s that say what was expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

from engine.errors import TextureError
from models.audio_input import resampled
from models.mu_law import RATE_HZ as ANALYSIS_RATE_HZ
from models.texture_conditions import BLOCK_FRAMES, PITCH_CLASSES, pitch_classes

Sound = NDArray[np.float32]
Stretch = tuple[int, int]
"""First frame and the frame after the last."""

NOTE_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MAJOR_PROFILE: Final = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR_PROFILE: Final = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
"""How well listeners found the twelve pitch classes to fit a key (Krumhansl and Kessler 1982)."""
SHORTEST_S: Final = 1.0


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
    return sound if sound.ndim == 1 else np.asarray(sound.mean(axis=1), dtype=np.float32)


def chroma(sound: Sound, rate_hz: int) -> Sound:
    """Presence 0..1 of the pitch classes, [blocks x 12], a block every 16 ms; see `models.texture_conditions`."""
    return pitch_classes(resampled(mono(sound), rate_hz, ANALYSIS_RATE_HZ))


def estimate_key(sound: Sound, rate_hz: int) -> Key:
    """The major or minor key whose profile correlates best with the sound's pitch classes.

    Confidence is that correlation times `pitchedness`: noise has no key, nor has a cluster.
    (After Krumhansl, "Cognitive Foundations of Musical Pitch", 1990, chapter 4.)
    """
    weight = (chroma(sound, rate_hz) ** 2).mean(axis=0)
    if weight.max() < 1e-6:
        return Key(0, "major", 0.0)
    scores = {
        (root, mode): float(np.corrcoef(np.roll(profile, root), weight)[0, 1])
        for mode, profile in (("major", MAJOR_PROFILE), ("minor", MINOR_PROFILE))
        for root in range(PITCH_CLASSES)
    }
    (root, mode), best = max(scores.items(), key=lambda item: item[1])
    return Key(root, mode, round(max(0.0, best) * _pitchedness(weight), 3))


def pitchedness(sound: Sound, rate_hz: int) -> float:
    """How far the present pitch classes stand out: 0 for noise, which has all twelve alike, 1 where five are absent."""
    return _pitchedness((chroma(sound, rate_hz) ** 2).mean(axis=0))


def share_in_scale(sound: Sound, rate_hz: int, scale: Iterable[int]) -> float:
    """Share 0..1 of what is heard of pitch classes that belongs to the scale; 1 for silence."""
    members = _members(scale)
    weight = (chroma(sound, rate_hz) ** 2).mean(axis=0)
    return float(weight[members].sum() / weight.sum()) if weight.sum() > 1e-9 else 1.0


def fitting_transposition(sound: Sound, rate_hz: int, scale: Iterable[int], enough: float = 0.9) -> int:
    """Semitones -6..5 that bring the sound into the scale; 0 where it fits `enough`, or hardly gains by moving."""
    members = _members(scale)
    here = share_in_scale(sound, rate_hz, members)
    if here >= enough:
        return 0
    step = best_transposition(sound, rate_hz, members)
    weight = (chroma(sound, rate_hz) ** 2).mean(axis=0)
    there = float(np.roll(weight, step)[members].sum() / max(1e-9, weight.sum()))
    return step if there > here + 0.05 else 0


def best_transposition(sound: Sound, rate_hz: int, scale: Iterable[int]) -> int:
    """Semitones -6..5 that bring the sound's pitch classes furthest into the scale; the smallest of equals."""
    weight = (chroma(sound, rate_hz) ** 2).mean(axis=0)
    members = _members(scale)
    steps = sorted(range(-6, 6), key=abs)
    return max(steps, key=lambda step: round(float(np.roll(weight, step)[members].sum()), 6))


def transpose(sound: Sound, semitones: float) -> Sound:
    """Sound played faster or slower, as a tape would be: higher and shorter, or lower and longer."""
    if not semitones:
        return sound
    # Small numbers keep the filter short; none of the twelve is more than two cents off.
    speed = Fraction(2.0 ** (semitones / 12.0)).limit_denominator(120)
    return np.asarray(scipy.signal.resample_poly(sound, speed.denominator, speed.numerator, axis=0), dtype=np.float32)


def dissonant_stretches(
    sound: Sound, rate_hz: int, scale: Iterable[int], tolerance: float = 0.35, shortest_s: float = 0.25
) -> list[Stretch]:
    """Stretches in which a foreign pitch class is clearly present, in frames of `sound`.

    `tolerance` is how present it may be, of what the strongest in the scale is; shorter stretches than `shortest_s`
    are left, gaps shorter than it are closed.
    """
    heard = chroma(sound, rate_hz)
    members = _members(scale)
    foreign = np.delete(heard, members, axis=1).max(axis=1, initial=0.0)
    native = heard[:, members].max(axis=1, initial=0.0)
    wrong = foreign > np.maximum(tolerance * native, 0.2)
    blocks = max(1, round(shortest_s * ANALYSIS_RATE_HZ / BLOCK_FRAMES))
    wrong = ~_without_short(~_without_short(wrong, blocks), blocks)
    frames_per_block = rate_hz * BLOCK_FRAMES / ANALYSIS_RATE_HZ
    return [(int(a * frames_per_block), min(len(sound), int(b * frames_per_block))) for a, b in _runs(wrong)]


def duck(
    sound: Sound, stretches: Sequence[Stretch], rate_hz: int, gain_db: float = -30.0, fade_s: float = 0.15
) -> Sound:
    """Sound with the stretches lowered by `gain_db`, faded over `fade_s` before and after them."""
    gain = np.ones(len(sound))
    for start, end in stretches:
        gain[start:end] = 10.0 ** (gain_db / 20.0)
    return _shaped(sound, _faded(gain, round(fade_s * rate_hz)))


def cut(sound: Sound, stretches: Sequence[Stretch], rate_hz: int, fade_s: float = 0.15) -> Sound:
    """Sound without the stretches; the pieces around them are joined by crossfades of `fade_s` at equal power."""
    edges = [0, *(edge for stretch in sorted(stretches) for edge in stretch), len(sound)]
    kept = [sound[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
    total = kept[0] if kept else sound[:0]
    for piece in kept[1:]:
        fade = min(round(fade_s * rate_hz), len(total), len(piece))
        rising, falling = _equal_power(fade, total)
        joint = total[len(total) - fade :] * falling + piece[:fade] * rising
        total = np.concatenate([total[: len(total) - fade], joint, piece[fade:]])
    return np.asarray(total, dtype=np.float32)


def stereo_pair(sound: Sound) -> Sound:
    """Mono to stereo as on the record: left untouched; right cut in half, both halves reversed, and swapped.

    Promised: [:, 0] is `sound` bit for bit, and [:, 1] is `sound[::-1]` bit for bit, for that is what swapping and
    reversing the halves comes to; so the cut in the middle leaves no seam. [frames x 2]
    """
    middle = len(sound) // 2
    right = np.concatenate([sound[middle:][::-1], sound[:middle][::-1]])
    return np.stack([sound, right], axis=1)


def octave_up(sound: Sound, window_frames: int = 4096) -> Sound:
    """Mono sound an octave higher at the same speed.

    A phase vocoder with twice the hop out as in: each bin's phase then advances twice as far, so doubling it is exact
    and needs no unwrapping; leaving out every other frame of the result makes the octave.
    """
    hop = window_frames // 8
    window = np.hanning(window_frames + 1)[:-1]
    padded = np.pad(sound.astype(np.float64), (window_frames // 2, window_frames + hop))
    total = np.zeros(2 * len(padded) + window_frames)
    for number in range((len(padded) - window_frames) // hop):
        # The middle of the window comes first, so that all bins of one partial have the same phase.
        spectrum = np.fft.rfft(np.fft.fftshift(padded[number * hop : number * hop + window_frames] * window))
        turned = spectrum * spectrum / np.maximum(np.abs(spectrum), 1e-12)
        start = 2 * number * hop
        total[start : start + window_frames] += np.fft.fftshift(np.fft.irfft(turned)) * window
    stretched = total[window_frames // 2 :][: 2 * len(sound) + 64] / 1.5
    return np.asarray(scipy.signal.resample_poly(stretched, 1, 2)[: len(sound)], dtype=np.float32)


def lacks_top(sound: Sound, rate_hz: int, from_hz: float = 8200.0, below_db: float = -60.0) -> bool:
    """Whether next to nothing of the sound is above `from_hz` (less than the whole and `below_db`)."""
    if rate_hz < 2.5 * from_hz:
        return True
    power = np.abs(np.fft.rfft(mono(sound))) ** 2
    above = power[int(from_hz * len(sound) / rate_hz) :].sum()
    return bool(above < 10.0 ** (below_db / 10.0) * max(1e-20, float(power.sum())))


def restore_top(sound: Sound, rate_hz: int, from_hz: float = 7800.0, level_db: float = -6.0) -> Sound:
    """Sound from a 16 kHz network, with what its copy an octave up has above `from_hz` mixed in.

    Promised: below `from_hz` next to nothing changes, and a sound with anything between 4 and 8 kHz has energy above
    8 kHz afterwards. At a rate too low to hold a top the sound itself is returned. Mono, or stereo side by side.
    """
    if rate_hz < 2.5 * from_hz:
        return sound
    if sound.ndim == 2:
        return np.stack([restore_top(side, rate_hz, from_hz, level_db) for side in sound.T], axis=1)
    top = scipy.signal.sosfilt(scipy.signal.butter(6, from_hz, "highpass", fs=rate_hz, output="sos"), octave_up(sound))
    return np.asarray(sound + 10.0 ** (level_db / 20.0) * top, dtype=np.float32)


def noisiness(sound: Sound, rate_hz: int, window_s: float = 0.064) -> Sound:
    """Spectral flatness 0..1 from 200 Hz to 7 kHz, [windows]: near 0 for tones, about 0.56 for white noise."""
    length = max(64, round(window_s * rate_hz))
    blocks = mono(sound)[: len(sound) // length * length].reshape(-1, length)
    power = np.abs(np.fft.rfft(blocks * np.hanning(length), axis=1)) ** 2 + 1e-14
    hz = np.fft.rfftfreq(length, 1.0 / rate_hz)
    power = power[:, (hz > 200.0) & (hz < min(7000.0, 0.45 * rate_hz))]
    return np.asarray(np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1), dtype=np.float32)


def lower_noisy(
    sound: Sound, rate_hz: int, threshold: float = 0.25, gain_db: float = -18.0, fade_s: float = 0.2
) -> Sound:
    """Sound with stretches noisier than `threshold` lowered by `gain_db`: all that the record's third track got."""
    window_s = 0.064
    length = max(64, round(window_s * rate_hz))
    flatness = noisiness(sound, rate_hz, window_s)
    if not len(flatness):
        return sound
    flatness = scipy.ndimage.median_filter(flatness, min(5, len(flatness)))
    gain = np.repeat(np.where(flatness > threshold, 10.0 ** (gain_db / 20.0), 1.0), length)
    gain = np.pad(gain, (0, len(sound) - len(gain)), mode="edge")
    return _shaped(sound, _faded(gain, round(fade_s * rate_hz)))


def seamless_loop(sound: Sound, rate_hz: int, fade_s: float = 2.0) -> Sound:
    """Sound that can be repeated end to start: its end is faded over its beginning, and it is shorter by the fade.

    The fade (at most a third of the sound) is at equal power, which suits parts of a texture that do not resemble
    each other; where they do, at equal gain, or between.
    """
    fade = min(round(fade_s * rate_hz), len(sound) // 3)
    if fade < 2:
        return sound
    head, tail = sound[:fade], sound[len(sound) - fade :]
    rising, falling = _equal_power(fade, sound, likeness=_likeness(head, tail))
    return np.concatenate([tail * falling + head * rising, sound[fade : len(sound) - fade]]).astype(np.float32)


def _pitchedness(weight: NDArray[np.floating]) -> float:
    return (1.0 - float(np.sort(weight)[:5].mean() / weight.max())) ** 2 if weight.max() > 1e-6 else 0.0


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


def _faded(gain: NDArray[np.float64], fade: int) -> NDArray[np.float64]:
    """Steps in a gain turned into ramps of `fade` frames that are low for as long as the steps were."""
    if fade < 1:
        return gain
    lowest = scipy.ndimage.minimum_filter1d(gain, 2 * fade + 1, mode="nearest")
    return scipy.ndimage.uniform_filter1d(lowest, fade, mode="nearest")


def _shaped(sound: Sound, gain: NDArray[np.float64]) -> Sound:
    return np.asarray(sound * (gain if sound.ndim == 1 else gain[:, None]), dtype=np.float32)


def _equal_power(fade: int, like: Sound, likeness: float = 0.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rising and falling gains whose sum keeps the power of two sounds that are alike by `likeness` 0..1."""
    angle = np.linspace(0.0, np.pi / 2.0, fade)
    rising, falling = np.sin(angle), np.cos(angle)
    power = np.sqrt(rising**2 + falling**2 + 2.0 * likeness * rising * falling)
    shape = (fade,) + (1,) * (like.ndim - 1)
    return (rising / power).reshape(shape), (falling / power).reshape(shape)


def _likeness(a: Sound, b: Sound) -> float:
    size = float(np.sqrt(np.sum(a.astype(np.float64) ** 2) * np.sum(b.astype(np.float64) ** 2)))
    return float(np.clip(np.sum(a.astype(np.float64) * b) / size, 0.0, 1.0)) if size > 1e-12 else 0.0
