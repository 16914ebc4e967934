"""Sums and functions that come out alike on every processor, for compiled loops.

A library's exp or sine differs in its last bit from one processor's instructions to the next, and one draw leads to
another. Here everything is additions, multiplications, divisions and square roots, which IEEE 754 rounds in one way
only, in an order that does not depend on how wide the processor's vectors are. No `fastmath`: it would allow both.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from models.common.compiled import inner, njit

compiled = njit(cache=True, nogil=True)
ONE: Final = np.float32(1.0)
LOG2_E: Final = np.float32(1.4426950408889634)
HALF_ROOT: Final = 0.7071067811865476
LN_2_EXACT: Final = 0.6931471805599453
LN_2: Final = np.float32(0.6931471805599453)
LOWEST: Final = np.float32(-87.0)
HIGHEST: Final = np.float32(87.0)
_EXP: Final = tuple(np.float32(1.0 / n) for n in (5040, 720, 120, 24, 6, 2, 1, 1))
_SINE: Final = tuple((-1.0) ** n / float(np.prod(np.arange(1.0, 2 * n + 2))) for n in range(8, -1, -1))
_COSINE: Final = tuple((-1.0) ** n / float(np.prod(np.arange(1.0, 2 * n + 1))) for n in range(9, -1, -1))


@compiled
def exponentials(values: Any, count: int) -> None:
    """values[:count] = exp(values[:count]), float32, in place: whole powers of two, and a series."""
    for i in range(count):
        y = min(max(values[i], LOWEST), HIGHEST) * LOG2_E
        whole = np.int32(y + np.float32(127.5))
        f = (y - (np.float32(whole) - np.float32(127.0))) * LN_2
        series = _EXP[0]
        for k in range(1, 8):
            series = series * f + _EXP[k]
        values[i] = series * np.int32(whole << np.int32(23)).view(np.float32)


@compiled
def exponential(value: Any) -> Any:
    """exp(value), float32, as `exponentials`."""
    one = np.empty(1, np.float32)
    one[0] = value
    exponentials(one, 1)
    return one[0]


@compiled
def sine_cosine(angle: float) -> Any:
    """Sine and cosine of an angle in radians, by series about the nearest half turn."""
    half_turns = np.floor(angle / np.pi + 0.5)
    x = angle - half_turns * np.pi
    square = x * x
    sine, cosine = _SINE[0], _COSINE[0]
    for k in range(1, 9):
        sine = sine * square + _SINE[k]
    for k in range(1, 10):
        cosine = cosine * square + _COSINE[k]
    sign = 1.0 if half_turns % 2.0 == 0.0 else -1.0
    return sign * sine * x, sign * cosine


@compiled
def logarithm(value: float) -> float:
    """Natural logarithm of a value above nought: its exponent, and a series about the rest."""
    rest, exponent = math.frexp(value)
    if rest < HALF_ROOT:
        rest, exponent = 2.0 * rest, exponent - 1
    t = (rest - 1.0) / (rest + 1.0)
    square, total = t * t, 0.0
    for odd in range(21, 0, -2):
        total = total * square + 1.0 / odd
    return 2.0 * t * total + exponent * LN_2_EXACT


@compiled
def normals(uniform: Any) -> Any:
    """Normal noise, float32 [n], of numbers [2 n] even in 0..1 (Box and Muller 1958)."""
    count = len(uniform) // 2
    noise = np.empty(count, np.float32)
    for i in range(count):
        _, cosine = sine_cosine(2.0 * np.pi * uniform[2 * i + 1])
        noise[i] = np.sqrt(-2.0 * logarithm(1.0 - uniform[2 * i])) * cosine
    return noise


@compiled
def add_product(out: Any, x: Any, matrix: Any) -> None:
    """out [columns] += x [rows] @ matrix [rows x columns], row by row."""
    for i in range(len(x)):
        factor = x[i]
        row = matrix[i]
        for j in range(len(out)):
            out[j] += factor * row[j]


@inner
def normalise(x: Any, out: Any) -> None:
    """out [n] = x [n] divided by its root mean square."""
    total = 0.0
    for i in range(len(x)):
        total += np.float64(x[i]) * np.float64(x[i])
    scale = np.float32(1.0 / np.sqrt(total / len(x) + 1e-6))
    for i in range(len(x)):
        out[i] = x[i] * scale


@compiled
def draw(scores: Any, chance: float, temperature: float) -> int:
    """The index whose share of the softmax of scores / temperature the chance 0..1 falls in; `scores` is used up."""
    highest = scores[0]
    for i in range(len(scores)):
        highest = max(highest, scores[i])
    for i in range(len(scores)):
        scores[i] = (scores[i] - highest) / np.float32(temperature)
    exponentials(scores, len(scores))
    everything = 0.0
    for i in range(len(scores)):
        everything += np.float64(scores[i])
    wanted, running = chance * everything, 0.0
    for i in range(len(scores)):
        running += np.float64(scores[i])
        if running > wanted:
            return i
    return len(scores) - 1
