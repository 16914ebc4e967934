"""Streams added up without `pyo.Mix`, which asks Python for each of its inputs in each block: a sixth of the whole
path's time for 198 of them. A `pyo.Sig` that adds another asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.sound.layers.quiet_pyo import pyo


def added(streams: Sequence[Any]) -> list[Any]:
    """Objects, in order; the last is the sum of `streams`: objects, or lists of streams, with as many in each."""
    sums = [pyo.Sig(streams[0], add=streams[1])]
    for one in streams[2:]:
        sums.append(pyo.Sig(sums[-1], add=one))
    return sums
