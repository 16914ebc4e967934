"""Drawing sound from a WaveNet, value by value, many streams at once, with what each layer heard kept (1611.09482).

The loop is in `kernel`. With the same random numbers it draws what the plain network would: a class is the first whose
running sum of probabilities exceeds the random number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.common.large_pages import together
from models.textures.audio.mu_law import SILENCE
from models.textures.products.panels import as_halves
from models.textures.waveform.block_drawing import BlockDrawing, Drawn, Floats
from models.textures.wavenet.kernel import add_biases, draw_block
from models.textures.wavenet.kernel_structures import State, Weights
from models.textures.wavenet.packing import Packed


class Drawing(BlockDrawing[Packed]):
    """Streams of one WaveNet on their way, see `BlockDrawing`."""

    def _begin(self) -> None:
        packed = self.packed
        self.last = np.full(self.width, SILENCE, np.int64)
        self.rings = np.zeros(int(packed.dilations.sum()) * self.width * packed.channels, np.float32)
        self.memory |= {"last": self.last, "rings": self.rings}
        self._weights = together(
            Weights(
                packed.embedding,
                as_halves(packed.matrices) if self.width == 1 else packed.matrices,
                packed.residual_bias,
                packed.skip_bias,
                packed.head_bias,
                packed.out_bias,
                packed.foretold,
                packed.spread,
                packed.spread_bias,
            )
        )

    def biases(self, block: int) -> Floats:
        """What style and conditions of a block add to the gates: [layers x width x 2 channels]."""
        p = self.packed
        total = np.zeros((p.layers, self.width, 2 * p.channels), np.float32)
        add_biases(total, p.gate_bias, self.styles, p.style, self.conditions[block], p.condition)
        return total

    def _run(self, block: int, chances: NDArray[np.float64], drawn: Drawn) -> None:
        p = self.packed
        draw_block(
            self.frame,
            p.dilations,
            self._weights,
            self.biases(block),
            self.taps(block),
            self.sketch(block),
            State(self.rings, self.last, self.away),
            chances,
            np.float32(self.temperature),
            np.float32(self.fineness),
            drawn,
        )
