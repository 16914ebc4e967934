"""pyo without a sound card: tables of memory in, blocks of memory out, as fast as it computes.

Sources: pyo documentation, `Server` (audio="manual", getOutputAddr) and `PyoTableObject.getBuffer`. Feeding
tables costs a twentieth of what `Input` does: that one scans all channels for each of its own.
"""

from __future__ import annotations

import ctypes
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import BLOCK_FRAMES, SAMPLE_RATE_HZ
from engine.sound.layers.quiet_pyo import pyo

STEP_FRAMES: Final = 4096
"""Frames computed at once: settings take effect, and ramps end, at this grid of 85 ms."""

_ERRORS_ONLY: Final = 1
_SETTLING_BLOCKS: Final = 160
"""pyo fades its own master level in; these blocks are thrown away before the first."""


class ManualServer:
    """One pyo server; pyo allows one per process at a time."""

    def __init__(self, outputs: int, seed: int) -> None:
        server = pyo.Server(sr=SAMPLE_RATE_HZ, nchnls=outputs, buffersize=BLOCK_FRAMES, duplex=0, audio="manual")
        server.setVerbosity(_ERRORS_ONLY)
        server.boot()
        server.setGlobalSeed(seed)
        server.start()
        self._server = server
        self._trigger = pyo.Trig()
        self.frame: Any = pyo.Count(self._trigger, min=0, max=STEP_FRAMES - 1)
        """A stream of the frame's number within the step, 0 to STEP_FRAMES - 1."""
        self._block = _mapped(server.getOutputAddr(), outputs)
        self._flat = self._block.reshape(-1)
        self._settled = False
        self.finite = True
        """Whether the latest step held numbers alone."""

    def source(self, streams: int = 1) -> tuple[Any, list[NDArray[np.float32]]]:
        """Streams, and the memories [STEP_FRAMES] that they read through at every step."""
        tables = [pyo.DataTable(STEP_FRAMES) for _ in range(streams)]
        return pyo.TableIndex(tables, self.frame), [table_memory(table) for table in tables]

    def process(self) -> NDArray[np.float32]:
        """The next step of what the graph puts out: [STEP_FRAMES, outputs] float32."""
        if not self._settled:
            self.settle()
        out = np.empty((STEP_FRAMES, self._block.shape[1]), dtype=np.float32)
        total = 0.0
        for start in range(0, STEP_FRAMES, BLOCK_FRAMES):
            self._server.process()
            out[start : start + BLOCK_FRAMES] = self._block
            total += float(np.add.reduce(self._flat))  # here the block is in the processor's cache; a step no longer is
        self.finite = math.isfinite(total)
        return out

    def settle(self) -> None:
        """Let pyo fade its master level in; memories should be silent then. `process` does so where nobody has."""
        for _ in range(_SETTLING_BLOCKS):
            self._server.process()
        self._settled = True

    def close(self) -> None:
        """Stop the server; the graph must not be used afterwards."""
        self._server.stop()
        self._server.shutdown()


def table_memory(table: Any) -> NDArray[np.float32]:
    """What a pyo.DataTable holds, [frames], without a copy; to be used no longer than the table.

    The view that pyo gives itself ends the process where it is given back after the table.
    """
    view = np.asarray(table.getBuffer())
    address, frames = view.ctypes.data, view.size
    return np.ctypeslib.as_array((ctypes.c_float * frames).from_address(address))


def _mapped(address: str | int, channels: int) -> NDArray[np.float32]:
    """pyo's interleaved output block as [BLOCK_FRAMES, channels], without a copy."""
    number = int(address, 16) if isinstance(address, str) else address
    values = (ctypes.c_float * (BLOCK_FRAMES * channels)).from_address(number)
    return np.ctypeslib.as_array(values).reshape(BLOCK_FRAMES, channels)
