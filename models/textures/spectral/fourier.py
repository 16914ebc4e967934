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

from models.common.compiled import inner
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
    work, lines = np.zeros((4, half * _TOGETHER)), np.empty((2, (half + 1) * _TOGETHER))
    for first in range(0, len(frames), _TOGETHER):
        count = min(_TOGETHER, len(frames) - first)
        for f in range(count):
            for n in range(half):
                work[0, n * _TOGETHER + f] = frames[first + f, 2 * n]
                work[1, n * _TOGETHER + f] = frames[first + f, 2 * n + 1]
        place = _transformed(work, cosines, sines)
        real, imaginary = work[place], work[place + 1]
        for m in range(half + 1):
            a, b = m % half * _TOGETHER, (half - m) % half * _TOGETHER
            c, s = cosines[m % size], -sines[m % size]
            for f in range(_TOGETHER):
                even_r, even_i = 0.5 * (real[a + f] + real[b + f]), 0.5 * (imaginary[a + f] - imaginary[b + f])
                odd_r, odd_i = 0.5 * (imaginary[a + f] + imaginary[b + f]), -0.5 * (real[a + f] - real[b + f])
                lines[0, m * _TOGETHER + f] = even_r + (c * odd_r - s * odd_i)
                lines[1, m * _TOGETHER + f] = even_i + (c * odd_i + s * odd_r)
        for f in range(count):
            for m in range(half + 1):
                out[first + f, m] = complex(lines[0, m * _TOGETHER + f], lines[1, m * _TOGETHER + f])


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


@inner
def _transformed(work: Any, cosines: Any, sines: Any) -> int:
    """Transforms work[0] + i work[1], of `_TOGETHER` frames value by value, with work[2:] as room; returns the place of
    the real part of what comes out."""
    parts, run, source = work.shape[1] // (2 * _TOGETHER), _TOGETHER, 0
    while parts >= 1:
        if parts == 1:
            _step(work[source : source + 2], work[2 - source : 4 - source], run)
        else:
            _two_steps(work[source : source + 2], work[2 - source : 4 - source], parts, run, cosines, sines)
        source, parts, run = 2 - source, parts // 4, 4 * run
    return source


@inner
def _step(x: Any, y: Any, run: int) -> None:
    """The last step where there is an odd number of them."""
    for k in range(run):
        y[0, k], y[1, k] = x[0, k] + x[0, run + k], x[1, k] + x[1, run + k]
        y[0, run + k], y[1, run + k] = x[0, k] - x[0, run + k], x[1, k] - x[1, run + k]


@inner
def _two_steps(x: Any, y: Any, parts: int, run: int, cosines: Any, sines: Any) -> None:
    """Two steps at once, so that what lies between them never leaves the registers."""
    period, few = len(cosines), parts // 2
    first, second = period // (2 * parts), period // parts
    for part in range(few):
        c1, s1 = cosines[part * first], -sines[part * first]
        c2, s2 = cosines[(part + few) * first], -sines[(part + few) * first]
        c3, s3 = cosines[part * second], -sines[part * second]
        at, to = part * run, 4 * part * run
        for k in range(at, at + run):
            a_r, a_i, b_r, b_i = x[0, k], x[1, k], x[0, k + parts * run], x[1, k + parts * run]
            sum_r, sum_i, r, i = a_r + b_r, a_i + b_i, a_r - b_r, a_i - b_i
            turned_r, turned_i = c1 * r - s1 * i, c1 * i + s1 * r
            a_r, a_i = x[0, k + few * run], x[1, k + few * run]
            b_r, b_i = x[0, k + (few + parts) * run], x[1, k + (few + parts) * run]
            other_r, other_i, r, i = a_r + b_r, a_i + b_i, a_r - b_r, a_i - b_i
            last_r, last_i = c2 * r - s2 * i, c2 * i + s2 * r
            n = to + k - at
            y[0, n], y[1, n] = sum_r + other_r, sum_i + other_i
            y[0, n + run], y[1, n + run] = turned_r + last_r, turned_i + last_i
            r, i = sum_r - other_r, sum_i - other_i
            y[0, n + 2 * run], y[1, n + 2 * run] = c3 * r - s3 * i, c3 * i + s3 * r
            r, i = turned_r - last_r, turned_i - last_i
            y[0, n + 3 * run], y[1, n + 3 * run] = c3 * r - s3 * i, c3 * i + s3 * r
