"""Textures as pyo reads them: tables, read forwards or backwards, as they are or octaves up and down.

A texture may last for hours, so a table holds only what one step reads of it: whoever plays it copies that there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.sound.layers.knob import Knob
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer, table_memory
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.sums import added

MOST_LOOPS: Final = 3
"""Loops that one stem can play at once, while they fade over."""
TABLE_FRAMES: Final = 1 << 15
"""A power of two: pyo counts places from 0 to 1, and quarters of a frame must be exact in single precision."""
_CUBIC: Final = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """What a step reads of one loop.

    `frames` [2, up to TABLE_FRAMES] float32 hold what is needed and a margin of two frames at either end. Frame n of
    the step is read at place `start + n * speed`; a speed below 0 reads backwards.
    """

    loop: object
    """The same for as long as the same loop plays."""
    frames: NDArray[np.float32]
    start: float
    speed: float
    gain: float = 1.0
    """Linear, at the end of the step."""

    @property
    def rms(self) -> float:
        """How loud it is, about."""
        return self.gain * math.sqrt(float(np.vdot(self.frames, self.frames)) / max(1, self.frames.size))


class TableReaders:
    """Reads the loops of one stem; `out` are the streams of left and right, added to those of `beside`."""

    def __init__(self, server: ManualServer, beside: Any) -> None:
        self._readers = [_Reader(server) for _ in range(MOST_LOOPS)]
        self.parts = added([beside, *(reader.out for reader in self._readers)])
        self.out: Any = self.parts[-1]
        self._reads = True

    def set(self, readings: Sequence[Reading]) -> None:
        """What the coming step reads; at most `MOST_LOOPS`. A loop that is not among them any more has faded out."""
        if not readings and not self._reads:
            return
        for reader in self._readers:
            if not any(reading.loop is reader.loop for reading in readings):
                reader.rest()
        for reading in readings:
            own = next((reader for reader in self._readers if reader.loop is reading.loop), None)
            own = own or next((reader for reader in self._readers if reader.loop is None), None)
            if own is not None:
                own.read(reading)
        self._reads = any(reader.busy for reader in self._readers)


class _Reader:
    def __init__(self, server: ManualServer) -> None:
        self.loop: object | None = None
        self._gain = Knob(0.0)
        tables = [pyo.DataTable(TABLE_FRAMES) for _ in range(2)]
        self._memory = [table_memory(table) for table in tables]
        self._place = pyo.Sig(server.frame, mul=0.0)
        self.out: Any = pyo.Pointer2(tables, self._place, interp=_CUBIC, autosmooth=False, mul=0.0)
        self._gain.moves(self.out.setMul)
        self._parts = (self._place, self.out)
        self._awake = True

    def read(self, reading: Reading) -> None:
        self.loop = reading.loop
        self._wake(True)
        for memory, side in zip(self._memory, reading.frames, strict=True):
            memory[: side.size] = side
        self._place.setMul(reading.speed / TABLE_FRAMES)
        self._place.setAdd(reading.start / TABLE_FRAMES)
        self._gain.set(reading.gain)

    @property
    def busy(self) -> bool:
        """Whether it reads, or its gain is still on its way down."""
        return self.loop is not None or not self._gain.at_rest_at_zero

    def rest(self) -> None:
        self.loop = None
        self._gain.set(0.0)
        self._wake(False)

    def _wake(self, needed: bool) -> None:
        if needed != self._awake:
            self._awake = needed
            for part in self._parts:
                part.play() if needed else part.stop()


def reading_of(loop: object, looped: Any, position: int, speed: float, gain: float = 1.0) -> Reading:
    """What a step reads from frame `position` of its own on, at `speed`; `looped(start, count)` gives [2, count]."""
    first, last = position * speed, (position + STEP_FRAMES - 1) * speed
    if speed < 0:  # the frame before the beginning comes first
        first, last = first - 1, last - 1
    lowest = int(np.floor(min(first, last))) - 2
    count = int(np.floor(max(first, last))) + 3 - lowest
    return Reading(loop, looped(lowest, count), first - lowest, speed, gain)
