"""Filters of the second order, as the one complex pole that `pd_patches/lib/second-order~.pd` computes.

The designs are those of the Audio EQ Cookbook (Bristow-Johnson; W3C note of 2021). Pd computes in single precision,
where a biquad at 40 Hz subtracts large numbers from one another; a complex pole beside a constant does not.
"""

from __future__ import annotations

import cmath
import math
from typing import Final, NamedTuple

Coefficients = tuple[float, float, float]
BUTTERWORTH_Q: Final = math.sqrt(0.5)


class SecondOrder(NamedTuple):
    """y = direct · x + real · Re(w) + imaginary · Im(w), where w = x + (pole_real + i pole_imaginary) · w before."""

    direct: float
    real: float
    imaginary: float
    pole_real: float
    pole_imaginary: float


def peak(hz: float, gain_db: float, q: float, rate_hz: float) -> SecondOrder:
    """A bell: `gain_db` at `hz`, nothing far from it. Its poles are complex for q above 0.5 and gains above 0."""
    turn, alpha = _turn(hz, q, rate_hz)
    root = 10.0 ** (gain_db / 40.0)
    middle = -2.0 * math.cos(turn)
    above = (1.0 + alpha * root, middle, 1.0 - alpha * root)
    return _one_pole(above, (1.0 + alpha / root, middle, 1.0 - alpha / root))


def high_pass(hz: float, rate_hz: float) -> SecondOrder:
    """12 dB per octave below `hz`, at which it is 3 dB down (Butterworth)."""
    turn, alpha = _turn(hz, BUTTERWORTH_Q, rate_hz)
    half = (1.0 + math.cos(turn)) / 2.0
    return _one_pole((half, -2.0 * half, half), (1.0 + alpha, -2.0 * math.cos(turn), 1.0 - alpha))


def low_pass(hz: float, rate_hz: float) -> SecondOrder:
    """12 dB per octave above `hz`, at which it is 3 dB down (Butterworth)."""
    turn, alpha = _turn(hz, BUTTERWORTH_Q, rate_hz)
    half = (1.0 - math.cos(turn)) / 2.0
    return _one_pole((half, 2.0 * half, half), (1.0 + alpha, -2.0 * math.cos(turn), 1.0 - alpha))


def _turn(hz: float, q: float, rate_hz: float) -> tuple[float, float]:
    turn = 2.0 * math.pi * hz / rate_hz
    return turn, math.sin(turn) / (2.0 * q)


def _one_pole(above: Coefficients, below: Coefficients) -> SecondOrder:
    """Partial fractions: H = d + r/(1 - p/z) + its conjugate, which for real sound is d·x + 2 Re(r·w)."""
    b0, b1, b2 = (value / below[0] for value in above)
    a1, a2 = below[1] / below[0], below[2] / below[0]
    pole = (-a1 + cmath.sqrt(a1 * a1 - 4.0 * a2)) / 2.0
    if abs(pole.imag) < 1e-9:
        raise ValueError("a filter without a complex pole; its q is too low")
    direct = b2 / a2
    residue = (b0 + b1 / pole + b2 / pole**2) / (1.0 - pole.conjugate() / pole)
    return SecondOrder(direct, 2.0 * residue.real, -2.0 * residue.imag, pole.real, pole.imag)
