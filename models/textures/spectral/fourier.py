"""Fourier transforms of one length after another whose last bit is the same on every processor.

A library picks its instructions by the processor, and rounds as these do. What is drawn value by value on top of a
spectrum would then be another texture elsewhere. References:
  Stockham 1966, "High-speed convolution and correlation", https://doi.org/10.1145/1464182.1464209 (sorts as it goes)
  Press et al. 2007, "Numerical Recipes", section 12.3 (real values, two at a time as one complex one)
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.textures.spectral.arithmetic import compiled, sine_cosine

_TOGETHER: Final = 8
"""Frames that are transformed side by side: each does the sums that it would do alone, in as many lanes of a vector."""


def real_spectra(frames: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Spectra [frames x n / 2 + 1] of real frames [frames x n], n a power of two above 2."""
    out = np.empty((len(frames), frames.shape[1] // 2 + 1), np.complex64)
    _forward(np.ascontiguousarray(frames, np.float32), *_turns(frames.shape[1]), out)
    return out


def real_frames(spectra: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Frames [frames x n] of spectra [frames x n / 2 + 1], as `numpy.fft.irfft` has them."""
    size = 2 * (spectra.shape[1] - 1)
    out = np.empty((len(spectra), size), np.float32)
    _backward(np.ascontiguousarray(spectra, np.complex64), *_turns(size), out)
    return out


@cache
def _turns(size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cosines and sines of the whole turn in `size` steps."""
    cosines, sines = np.empty(size), np.empty(size)
    _fill(cosines, sines)
    return cosines, sines


@compiled
def _fill(cosines: Any, sines: Any) -> None:
    for n in range(len(cosines)):
        sines[n], cosines[n] = sine_cosine(2.0 * np.pi * n / len(cosines))


@compiled
def _forward(frames: Any, cosines: Any, sines: Any, out: Any) -> None:
    size, half = frames.shape[1], frames.shape[1] // 2
    work = np.zeros((4, half * _TOGETHER))
    for first in range(0, len(frames), _TOGETHER):
        count = min(_TOGETHER, len(frames) - first)
        for f in range(count):
            for n in range(half):
                work[0, n * _TOGETHER + f] = frames[first + f, 2 * n]
                work[1, n * _TOGETHER + f] = frames[first + f, 2 * n + 1]
        place = _transformed(work, cosines, sines)
        real, imaginary = work[place], work[place + 1]
        for f in range(count):
            own = out[first + f]
            for m in range(half + 1):
                a, b = m % half * _TOGETHER + f, (half - m) % half * _TOGETHER + f
                even_r, even_i = 0.5 * (real[a] + real[b]), 0.5 * (imaginary[a] - imaginary[b])
                odd_r, odd_i = 0.5 * (imaginary[a] + imaginary[b]), -0.5 * (real[a] - real[b])
                c, s = cosines[m % size], -sines[m % size]
                own[m] = complex(even_r + (c * odd_r - s * odd_i), even_i + (c * odd_i + s * odd_r))


@compiled
def _backward(spectra: Any, cosines: Any, sines: Any, out: Any) -> None:
    half = spectra.shape[1] - 1
    work = np.zeros((4, half * _TOGETHER))
    for first in range(0, len(spectra), _TOGETHER):
        count = min(_TOGETHER, len(spectra) - first)
        for f in range(count):
            own = spectra[first + f]
            for m in range(half):
                inner = 1.0 if m else 0.0  # the first line and the last are real
                a_r, a_i = np.float64(own[m].real), inner * own[m].imag
                b_r, b_i = np.float64(own[half - m].real), -inner * own[half - m].imag
                odd_r, odd_i = a_r - b_r, a_i - b_i
                c, s = cosines[m], sines[m]
                turned_r, turned_i = c * odd_r - s * odd_i, c * odd_i + s * odd_r
                work[0, m * _TOGETHER + f] = (a_r + b_r) - turned_i
                work[1, m * _TOGETHER + f] = -((a_i + b_i) + turned_r)  # the conjugate: forwards is then backwards
        place = _transformed(work, cosines, sines)
        for f in range(count):
            for n in range(half):
                out[first + f, 2 * n] = work[place, n * _TOGETHER + f] * (0.5 / half)
                out[first + f, 2 * n + 1] = -work[place + 1, n * _TOGETHER + f] * (0.5 / half)


@compiled
def _transformed(work: Any, cosines: Any, sines: Any) -> int:
    """Transforms work[0] + i work[1], of `_TOGETHER` frames value by value, with work[2:] as room; returns the place of
    the real part of what comes out."""
    period = len(cosines)
    parts, run, source = work.shape[1] // (2 * _TOGETHER), _TOGETHER, 0
    while parts >= 1:
        target = 2 - source
        for part in range(parts):
            c, s = cosines[part * (period // (2 * parts))], -sines[part * (period // (2 * parts))]
            _butterflies(work, source, target, part * run, (part + parts) * run, 2 * part * run, run, c, s)
        source, parts, run = target, parts // 2, 2 * run
    return source


@compiled
def _butterflies(work, source, target, first, second, to, run, c, s):  # type: ignore[no-untyped-def]
    for k in range(run):
        a_r, a_i = work[source, first + k], work[source + 1, first + k]
        b_r, b_i = work[source, second + k], work[source + 1, second + k]
        work[target, to + k], work[target + 1, to + k] = a_r + b_r, a_i + b_i
        r, i = a_r - b_r, a_i - b_i
        work[target, to + run + k] = c * r - s * i
        work[target + 1, to + run + k] = c * i + s * r
