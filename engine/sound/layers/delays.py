"""Delay times that pyo reads within its buffers."""

from __future__ import annotations

from typing import Any, Final

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.quiet_pyo import pyo

_BESIDE_FRAMES: Final = 1 / 64
"""Enough to be told from nothing at the end of a buffer of two seconds, in single precision; it costs an echo 0.1 dB
at 10 kHz."""
_GRID: Final = 1024.0
"""Steps to a frame in which a gliding delay moves: a tone of 1 kHz keeps its phase within 1/16,000 of a radian. Single
precision tells a half of such a step from nothing in any buffer that is shorter than 0.1 s."""


def safe_delay_s(wanted_s: float) -> float:
    """The nearest delay to `wanted_s` that pyo reads within its buffer: a little beside a whole number of frames.

    pyo.Delay finds its place in single precision. One a hair before the buffer's first frame becomes the frame after
    its last, and what it then blends in, by a share of nothing, lies beyond its memory: where that is no number, all
    stems become silent for a step and lose their tails. 0.3 s and 0.6 s do so every two seconds. For one that
    glides see `safe_places`.
    """
    return (round(wanted_s * SAMPLE_RATE_HZ) + _BESIDE_FRAMES) / SAMPLE_RATE_HZ


def safe_places(delay_s: Any) -> list[Any]:
    """Objects, in order; the last is the stream of delays `delay_s`, never a hair above a whole number of frames.

    What glides crosses every such hair, a few times in an hour; then a copy of a layer is no number.
    """
    fine = pyo.Sig(delay_s, mul=SAMPLE_RATE_HZ * _GRID)
    halves = pyo.Floor(fine, add=0.5)
    return [fine, halves, pyo.Sig(halves, mul=1 / (SAMPLE_RATE_HZ * _GRID))]
