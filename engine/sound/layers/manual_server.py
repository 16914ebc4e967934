"""pyo without a sound card: tables of memory in, blocks of memory out, as fast as it computes.

Sources: pyo documentation, `Server` (audio="manual", getOutputAddr) and `PyoTableObject.getBuffer`. Feeding
tables costs a twentieth of what `Input` does: that one scans all channels for each of its own.
"""

from __future__ import annotations

import ctypes
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
    """One pyo server with `inputs` table-fed sources; pyo allows one per process at a time."""

    def __init__(self, inputs: int, outputs: int, seed: int) -> None:
        server = pyo.Server(sr=SAMPLE_RATE_HZ, nchnls=outputs, buffersize=BLOCK_FRAMES, duplex=0, audio="manual")
        server.setVerbosity(_ERRORS_ONLY)
        server.boot()
        server.setGlobalSeed(seed)
        server.start()
        self._server = server
        self._tables = [pyo.DataTable(STEP_FRAMES) for _ in range(inputs)]
        self._memory: list[NDArray[np.float32]] = [np.asarray(table.getBuffer()) for table in self._tables]
        self._trigger = pyo.Trig()
        self._index = pyo.Count(self._trigger, min=0, max=STEP_FRAMES - 1)
        self.sources: list[Any] = [pyo.TableIndex(table, self._index) for table in self._tables]
        self._block = _mapped(server.getOutputAddr(), outputs)
        self._settled = False

    def process(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """`audio` [inputs, STEP_FRAMES] through the graph: [STEP_FRAMES, outputs], both float32."""
        if not self._settled:
            self._settle()
        for memory, channel in zip(self._memory, audio, strict=True):
            memory[:] = channel
        out = np.empty((STEP_FRAMES, self._block.shape[1]), dtype=np.float32)
        for start in range(0, STEP_FRAMES, BLOCK_FRAMES):
            self._server.process()
            out[start : start + BLOCK_FRAMES] = self._block
        return out

    def _settle(self) -> None:
        for _ in range(_SETTLING_BLOCKS):
            self._server.process()
        self._settled = True

    def close(self) -> None:
        """Stop the server; the graph must not be used afterwards."""
        self._server.stop()
        self._server.shutdown()


def _mapped(address: str | int, channels: int) -> NDArray[np.float32]:
    """pyo's interleaved output block as [BLOCK_FRAMES, channels], without a copy."""
    number = int(address, 16) if isinstance(address, str) else address
    values = (ctypes.c_float * (BLOCK_FRAMES * channels)).from_address(number)
    return np.ctypeslib.as_array(values).reshape(BLOCK_FRAMES, channels)
