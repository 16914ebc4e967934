"""Bringing a texture to the music: what does not fit is taken out, and what was done by hand for the record.

Pure functions on arrays. Sound is float32, mono [frames] or stereo [frames x 2], -1..1, at `rate_hz`; a scale is a set
of pitch classes 0..11, C being 0. Errors are `TextureError`s that say what was expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.sound.textures.analysis import WINDOWS_AT_ONCE, Sound, Stretch, noisiness
from engine.sound.textures.filters import (
    filtered,
    high_pass,
    lowest_nearby,
    mean_nearby,
    median_of_5,
    resampled_by,
    windowed_sinc,
)

STRETCH_FADE_S: Final = 0.15
NOISE_FADE_S: Final = 0.2
TOP_FROM_HZ: Final = 7800.0
"""A 16 kHz network leaves nothing above this."""
TOP_FILTER_HALF: Final = 127
FILTER_BETA: Final = 6.0
"""Of a Kaiser window: what a filter is to take is 63 dB lower."""


def transpose(sound: Sound, semitones: float) -> Sound:
    """Sound played faster or slower, as a tape would be: higher and shorter, or lower and longer."""
    if not semitones:
        return sound
    # Small numbers keep the filter short; none of the twelve is more than two cents off.
    speed = Fraction(2.0 ** (semitones / 12.0)).limit_denominator(120)
    return resampled_by(sound, speed.denominator, speed.numerator)


def duck(sound: Sound, stretches: Sequence[Stretch], rate_hz: int, gain_db: float = -30.0) -> Sound:
    """Sound with the stretches lowered by `gain_db`, faded over `STRETCH_FADE_S` before and after them."""
    if not stretches:
        return sound
    gain = np.ones(len(sound), np.float32)
    for start, end in stretches:
        gain[start:end] = 10.0 ** (gain_db / 20.0)
    return _shaped(sound, _faded(gain, round(STRETCH_FADE_S * rate_hz)))


def cut(sound: Sound, stretches: Sequence[Stretch], rate_hz: int) -> Sound:
    """Sound without the stretches; what is around them is joined by crossfades of `STRETCH_FADE_S` at equal power."""
    edges = [0, *(edge for stretch in sorted(stretches) for edge in stretch), len(sound)]
    kept = [sound[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
    total = kept[0] if kept else sound[:0]
    for piece in kept[1:]:
        fade = min(round(STRETCH_FADE_S * rate_hz), len(total), len(piece))
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
    hop, count = window_frames // 8, -(-(len(sound) + window_frames // 2) // (window_frames // 8)) + 8
    window = np.hanning(window_frames + 1)[:-1].astype(np.float32)
    padded = np.zeros(count * hop + window_frames, np.float32)
    padded[window_frames // 2 :][: len(sound)] = sound
    heard = np.lib.stride_tricks.sliding_window_view(padded, window_frames)[::hop][:count]
    # The middle of the window comes first, so that all bins of one partial have the same phase.
    centred = (1.0 - 2.0 * (np.arange(window_frames // 2 + 1) % 2)).astype(np.float32)
    total = np.zeros(2 * count * hop + window_frames, np.float32)
    for first in range(0, count, WINDOWS_AT_ONCE):
        spectra = np.fft.rfft(heard[first : first + WINDOWS_AT_ONCE] * window)
        turned = spectra * spectra / np.maximum(np.abs(spectra), 1e-12) * centred
        pieces = (np.fft.irfft(turned) * (window / np.float32(1.5))).astype(np.float32)
        _overlap(total[2 * first * hop :], pieces, 2 * hop)
    stretched = total[window_frames // 2 :][: 2 * len(sound) + 64]
    return resampled_by(stretched, 1, 2)[: len(sound)]


def _overlap(total: Sound, pieces: Sound, hop: int) -> None:
    """Adds pieces [number x frames] to `total`, each `hop` after the one before; hops divide their length."""
    for part in range(0, pieces.shape[1], hop):
        length = len(pieces) * hop
        total[part : part + length] += pieces[:, part : part + hop].reshape(-1)


def without_folding(sound: Sound, rate_hz: int, octaves: int) -> Sound:
    """Sound without what would lie above half of `rate_hz` once it is read that many octaves up."""
    if octaves <= 0:
        return sound
    return filtered(sound, windowed_sinc(64 * 2**octaves, 0.46 / 2**octaves, FILTER_BETA))


def restore_top(sound: Sound, rate_hz: int, from_hz: float = TOP_FROM_HZ, level_db: float = -6.0) -> Sound:
    """Sound from a 16 kHz network, with what its copy an octave up has above `from_hz` mixed in.

    Promised: below `from_hz` next to nothing changes, and a sound with anything between 4 and 8 kHz has energy above
    8 kHz afterwards. At a rate too low to hold a top the sound itself is returned. Mono, or stereo side by side.
    """
    if rate_hz < 2.5 * from_hz:
        return sound
    if sound.ndim == 2:
        return np.stack([restore_top(side, rate_hz, from_hz, level_db) for side in sound.T], axis=1)
    top = filtered(octave_up(sound), high_pass(TOP_FILTER_HALF, from_hz / rate_hz, FILTER_BETA))
    return sound + np.float32(10.0 ** (level_db / 20.0)) * top


def lower_noisy(sound: Sound, rate_hz: int, threshold: float = 0.25, gain_db: float = -18.0) -> Sound:
    """Sound with stretches noisier than `threshold` lowered by `gain_db`: all that the record's third track got."""
    window_s = 0.064
    length = max(64, round(window_s * rate_hz))
    flatness = noisiness(sound, rate_hz, window_s)
    if not len(flatness):
        return sound
    flatness = median_of_5(flatness)
    gain = np.repeat(np.where(flatness > threshold, 10.0 ** (gain_db / 20.0), 1.0).astype(np.float32), length)
    gain = np.pad(gain, (0, len(sound) - len(gain)), mode="edge")
    return _shaped(sound, _faded(gain, round(NOISE_FADE_S * rate_hz)))


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


def _faded(gain: Sound, fade: int) -> Sound:
    """Steps in a gain turned into ramps of `fade` frames that are low for as long as the steps were."""
    if fade < 1:
        return gain
    return mean_nearby(lowest_nearby(gain, fade), fade)


def _shaped(sound: Sound, gain: Sound) -> Sound:
    return sound * (gain if sound.ndim == 1 else gain[:, None])


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
