"""Drawing sound from a WaveNet, value by value, many streams at once, with what each layer heard kept (1611.09482).

The loop is in `kernel`. With the same random numbers it draws what the plain network would: a class is the first whose
running sum of probabilities exceeds the random number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.textures.audio.linear_prediction import WINDOW
from models.textures.audio.mu_law import BLOCK_FRAMES, SILENCE
from models.textures.wavenet.kernel import add_biases, draw_block
from models.textures.wavenet.kernel_products import GROUP
from models.textures.wavenet.kernel_structures import Sizes, State, Weights
from models.textures.wavenet.packing import Packed

Floats = NDArray[np.float32]
NO_TAPS: Final = np.zeros((0, 0), np.float32)


class Drawing:
    """Streams of one network on their way. Stream i depends on (seed, i) alone, whatever the others do.

    styles: [streams x styles] floats; conditions: [blocks x streams x conditions], as long as the whole drawing.
    predictors: [blocks x streams x order], for a network that is told what linear prediction expects; the last tap
    is the latest value's.
    `classes` holds what has been drawn, uint8 [frames x streams]; `frame` is how far it has come.
    """

    def __init__(
        self,
        packed: Packed,
        styles: Floats,
        conditions: Floats,
        seed: int,
        temperature: float = 1.0,
        first_stream: int = 0,
        predictors: Floats | None = None,
    ) -> None:
        if not 0.05 <= temperature <= 3.0:
            raise WeightsError(f"temperature {temperature}: choose 0.05 to 3, 1 draws as the network learnt")
        if (predictors is None) != (packed.predictor_order == 0):
            raise WeightsError(f"a network of predictor order {packed.predictor_order}: give it as many taps a block")
        self.packed, self.styles, self.conditions, self.temperature = packed, styles, conditions, temperature
        self.streams = conditions.shape[1]
        self.width = self.streams if self.streams == 1 else -(-self.streams // GROUP) * GROUP
        self.chances = [np.random.PCG64([seed, first_stream + n]) for n in range(self.streams)]
        self.classes = np.full((conditions.shape[0] * BLOCK_FRAMES, self.streams), SILENCE, np.uint8)
        self.frame = 0
        self.last = np.full(self.width, SILENCE, np.int64)
        self.rings = np.zeros(int(packed.dilations.sum()) * self.width * packed.channels, np.float32)
        self.values = np.zeros((self.width, WINDOW + BLOCK_FRAMES), np.float32)
        self.predictors = predictors
        self._weights = Weights(
            packed.embedding.reshape(-1),
            packed.matrices,
            packed.residual_bias.reshape(-1),
            packed.skip_bias,
            packed.head_bias,
            packed.out_bias,
            packed.foretold.reshape(-1),
            packed.spread.reshape(-1),
            packed.spread_bias,
        )

    @property
    def done(self) -> bool:
        return self.frame >= len(self.classes)

    def advance(self) -> None:
        """Draws one block of `BLOCK_FRAMES` frames in every stream."""
        chances = np.zeros((BLOCK_FRAMES, self.width))
        for stream, bits in enumerate(self.chances):
            chances[:, stream] = np.random.Generator(bits).random(BLOCK_FRAMES)
        block = self.frame // BLOCK_FRAMES
        drawn = self._run(block, chances)
        self.classes[self.frame : self.frame + BLOCK_FRAMES] = drawn[:, : self.streams]
        self.frame += BLOCK_FRAMES

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that `restore` needs to go on from here, as arrays."""
        return {
            "frame": np.array(self.frame),
            "last": self.last.copy(),
            "rings": self.rings.copy(),
            "values": self.values.copy(),
            "classes": self.classes[: self.frame].copy(),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on from a state of a drawing made with the same arguments; raises `ValueError` if it cannot be one."""
        frame, classes = int(state["frame"]), state["classes"]
        fits = all(state[name].shape == getattr(self, name).shape for name in ("rings", "values", "last"))
        if not fits or classes.shape != (frame, self.streams) or frame > len(self.classes):
            raise ValueError("the state of another drawing")
        self.last[:], self.rings[:], self.classes[:frame] = state["last"], state["rings"], classes
        self.values[:] = state["values"]
        for bits in self.chances:
            bits.advance(frame - self.frame)
        self.frame = frame

    def biases(self, block: int) -> Floats:
        """What style and conditions of a block add to the gates: [layers x width x 2 channels]."""
        p = self.packed
        total = np.zeros((p.layers, self.width, 2 * p.channels), np.float32)
        add_biases(total, p.gate_bias, self.styles, p.style, self.conditions[block], p.condition)
        return total

    def _taps(self, block: int) -> Floats:
        """Predictors of a block for all that hear, of which a group's last may be nobody's [width x order]."""
        if self.predictors is None:
            return NO_TAPS
        taps = np.zeros((self.width, self.packed.predictor_order), np.float32)
        taps[: self.streams] = self.predictors[block]
        return taps

    def _run(self, block: int, chances: NDArray[np.float64]) -> Any:
        p = self.packed
        drawn = np.zeros((BLOCK_FRAMES, self.width), np.uint8)
        self.values[:, :WINDOW] = self.values[:, BLOCK_FRAMES:]
        draw_block(
            self.frame,
            Sizes(p.layers, p.channels, p.skip_channels, p.head_channels),
            p.dilations,
            self._weights,
            self.biases(block).reshape(-1),
            self._taps(block),
            State(self.rings, self.last, self.values),
            chances,
            np.float32(self.temperature),
            drawn,
        )
        return drawn
