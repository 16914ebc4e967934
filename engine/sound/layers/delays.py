"""Delay times that pyo reads within its buffers."""

from __future__ import annotations

from typing import Final

from engine.parameters.stems import SAMPLE_RATE_HZ

_BESIDE_FRAMES: Final = 1 / 64
"""Enough to be told from nothing at the end of a buffer of two seconds, in single precision; it costs an echo 0.1 dB
at 10 kHz."""


def safe_delay_s(wanted_s: float) -> float:
    """The nearest delay to `wanted_s` that pyo reads within its buffer: a little beside a whole number of frames.

    pyo.Delay finds its place in single precision. One a hair before the buffer's first frame becomes the frame after
    its last, and what it then blends in, by a share of nothing, lies beyond its memory: where that is no number, all
    stems become silent for a step and lose their tails. 0.3 s and 0.6 s do so every two seconds. While a delay glides
    it may still happen, once in some hundred rounds of the buffer, and `guard` sees to it.
    """
    return (round(wanted_s * SAMPLE_RATE_HZ) + _BESIDE_FRAMES) / SAMPLE_RATE_HZ
