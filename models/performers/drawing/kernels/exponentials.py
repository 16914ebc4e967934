"""Exponentials and logarithms in float32 that come to the same on every processor, and that a compiler can vectorise.

The C library's and NumPy's differ in the last digit from one processor to the next.
"""

from __future__ import annotations

import numpy as np

from models.performers.drawing.kernels.packed_products import Floats, compiled

LOWEST = np.float32(-80.0)
"""Below this an exponential counts as that of this, about 2e-35."""
LOG2_E = np.float32(1.4426950408889634)
LN_2 = np.float32(0.6931471805599453)
HALF, ONE, TWO = np.float32(0.5), np.float32(1), np.float32(2)
SQRT_HALF_BITS = np.int32(0x3F3504F3)
FRACTION_BITS, BIAS = np.int32(23), np.int32(127)


@compiled
def exponential(x: np.float32) -> np.float32:
    """exp(x) for x of 0 and below: two to the whole part by its bits, the rest by its series."""
    y = max(x, LOWEST) * LOG2_E
    n = np.floor(y + HALF)
    f = (y - n) * LN_2
    p = np.float32(1 / 5040)
    for c in (1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1.0, 1.0):
        p = p * f + np.float32(c)
    power = np.int32((np.int32(n) + BIAS) << FRACTION_BITS).view(np.float32)
    return p * power


@compiled
def sigmoid(x: np.float32) -> np.float32:
    small = exponential(-abs(x))
    return (ONE if x >= 0 else small) / (ONE + small)


@compiled
def logarithms(x: Floats) -> None:
    """log(x) in place, for x [n] above 1e-37: the exponent from its bits, the rest by the series of artanh."""
    for i in range(len(x)):
        bits = np.float32(x[i]).view(np.int32)
        whole = np.int32(bits - SQRT_HALF_BITS) >> FRACTION_BITS
        m = np.int32(bits - (whole << FRACTION_BITS)).view(np.float32)
        s = (m - ONE) / (m + ONE)
        q = s * s
        p = np.float32(1 / 9)
        for c in (1 / 7, 1 / 5, 1 / 3, 1.0):
            p = p * q + np.float32(c)
        x[i] = np.float32(whole) * LN_2 + TWO * s * p
