"""Drawing sound from a SampleRNN, value by value, many streams at once, with what each tier remembers kept.

The loop is in `kernel`. With the same random numbers it draws what the plain network would: a class is the first whose
running sum of probabilities exceeds the random number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.textures.audio.mu_law import BLOCK_FRAMES
from models.textures.samplernn.kernel import Lowest, State, Tier, draw_block
from models.textures.samplernn.kernel import Told as BlockTold
from models.textures.samplernn.packing import PackedSampleRnn, Recurrent, Told
from models.textures.spectral.arithmetic import add_product
from models.textures.waveform.block_drawing import BlockDrawing, Drawn, Floats


class Drawing(BlockDrawing[PackedSampleRnn]):
    """Streams of one SampleRNN on their way, see `BlockDrawing`."""

    def _begin(self) -> None:
        packed, sizes = self.packed, self.packed.sizes
        self.top = np.zeros((self.width, sizes.top), np.float32)
        self.middle = np.zeros((self.width, sizes.middle), np.float32)
        self.known = np.zeros((self.width, sizes.top_frames + BLOCK_FRAMES), np.int64)
        self.memory |= {"top": self.top, "middle": self.middle, "known": self.known}
        says_top = sizes.top_frames // sizes.middle_frames * sizes.middle
        self._top = _tier(packed.top, sizes.top_frames, sizes.top, says_top)
        self._middle = _tier(packed.middle, sizes.middle_frames, sizes.middle, sizes.middle_frames * sizes.channels)
        self._lowest = Lowest(
            packed.tables,
            packed.lowest,
            packed.hidden_bias,
            packed.out_bias,
            packed.foretold,
            packed.spread,
            packed.spread_bias,
        )

    def _told(self, told: Told, block: int) -> Floats:
        """What style and conditions of a block say to a tier [width x the tier's width]."""
        total = np.zeros((self.width, len(told.bias)), np.float32)
        total[: self.streams] = told.bias
        for own, style, conditions in zip(total, self.styles, self.conditions[block], strict=False):
            add_product(own, style, told.style)
            add_product(own, conditions, told.condition)
        return total

    def _run(self, block: int, chances: NDArray[np.float64], drawn: Drawn) -> None:
        p = self.packed
        told = BlockTold(*(self._told(tier, block) for tier in (p.top.told, p.middle.told, p.told_lowest)))
        self.known[:, : p.sizes.top_frames] = self.known[:, BLOCK_FRAMES:]
        draw_block(
            self._top,
            self._middle,
            self._lowest,
            told,
            self.taps(block),
            self.sketch(block),
            State(self.top, self.middle, self.known, self.away),
            chances,
            np.float32(self.temperature),
            np.float32(self.fineness),
            drawn,
        )


def _tier(recurrent: Recurrent, frames: int, width: int, outputs: int) -> Tier:
    return Tier(frames, width, outputs, recurrent.matrices, recurrent.bias_heard, recurrent.bias_remembered)
