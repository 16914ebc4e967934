"""Filters for whole textures, in NumPy and piece by piece: SciPy's would take 50 MB for their code alone, and several
times the sound for their work.

Sound is float32, mono [frames] or stereo [frames x 2]; each side is filtered by itself.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Doubles = NDArray[np.float64]

PIECE_FRAMES: Final = 1 << 14
REACH: Final = 10
"""Zero crossings of the resampling filter on either side, at the lower of the two rates."""
BETA: Final = 5.0
"""Of the resampling filter's Kaiser window: what folds down is 60 dB lower."""


def resampled(sound: Sound, from_hz: int, to_hz: int) -> Sound:
    """Sound moved from one rate to another; `scipy.signal.resample_poly` within rounding."""
    ratio = Fraction(to_hz, from_hz)
    return resampled_by(sound, ratio.numerator, ratio.denominator)


def resampled_by(sound: Sound, up: int, down: int) -> Sound:
    """Sound at `up` times its rate, and of that one frame in `down` (Crochiere and Rabiner 1983, section 3.3)."""
    if up == down:
        return np.asarray(sound, dtype=np.float32)
    if sound.ndim == 2:
        return np.stack([resampled_by(side, up, down) for side in sound.T], axis=1)
    half = REACH * max(up, down)
    taps = (windowed_sinc(half, 0.5 / max(up, down), BETA) * up).astype(np.float32)
    held = len(taps) // up + 2
    padded = np.pad(sound, held)
    out = np.empty(-(-len(sound) * up // down), np.float32)
    for first in range(up):  # frames `up` apart lie alike between those of the source, so they share their taps
        newest, phase = divmod(first * down + half, up)
        own = taps[phase::up][::-1]
        windows = sliding_window_view(padded, len(own))[held + newest + 1 - len(own) :: down]
        out[first::up] = windows[: len(out[first::up])] @ own
    return out


def windowed_sinc(half: int, cut: float, beta: float) -> Doubles:
    """Low-pass of 2 `half` + 1 taps at `cut` of the rate, 1 at 0 Hz (Kaiser; Oppenheim and Schafer, section 7.6)."""
    place = np.arange(-half, half + 1)
    taps = np.sinc(2.0 * cut * place) * np.kaiser(place.size, beta)
    return np.asarray(taps / taps.sum())


def high_pass(half: int, cut: float, beta: float) -> Doubles:
    """What `windowed_sinc` leaves out."""
    taps = -windowed_sinc(half, cut, beta)
    taps[half] += 1.0
    return taps


def filtered(sound: Sound, taps: Doubles) -> Sound:
    """Sound through a filter of an odd number of taps, not later than it was (overlap-save)."""
    if sound.ndim == 2:
        return np.stack([filtered(side, taps) for side in sound.T], axis=1)
    half = len(taps) // 2
    length = max(PIECE_FRAMES, 1 << (4 * len(taps)).bit_length())
    step = length - 2 * half
    response = np.fft.rfft(taps, length)
    out = np.empty(len(sound), np.float32)
    for start in range(0, len(sound), step):
        piece = np.zeros(length)
        heard = sound[max(0, start - half) : start + step + half]
        piece[max(0, half - start) :][: len(heard)] = heard
        count = min(step, len(sound) - start)
        out[start : start + count] = np.fft.irfft(np.fft.rfft(piece) * response, length)[2 * half :][:count]
    return out


def median_of_5(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Each value, the median of itself and its two neighbours on either side; at the ends they are mirrored."""
    padded = np.pad(values, 2, mode="symmetric") if len(values) > 1 else np.full(5, values[0])
    return np.asarray(np.median(sliding_window_view(padded, 5), axis=1), dtype=values.dtype)


def lowest_nearby(values: NDArray[np.floating], reach: int) -> NDArray[np.floating]:
    """The lowest of each value and its `reach` neighbours on either side (van Herk 1992, in two running minima)."""
    width = 2 * reach + 1
    length = len(values)
    padded = np.full(-(-(length + 2 * reach) // width) * width, np.inf, values.dtype)
    padded[reach : reach + length] = values
    blocks = padded.reshape(-1, width)
    forwards = np.minimum.accumulate(blocks, axis=1).reshape(-1)
    backwards = np.minimum.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].reshape(-1)
    return np.minimum(backwards[:length], forwards[width - 1 : width - 1 + length])


def mean_nearby(values: NDArray[np.floating], width: int) -> Sound:
    """Moving mean over `width` values, around each; the outermost go on beyond the ends."""
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    sums = np.cumsum(padded, dtype=np.float64)
    first = np.array([sums[width - 1]])
    return np.asarray(np.concatenate([first, sums[width:] - sums[:-width]]) / width, np.float32)
