"""Several streams of a waveform network on their way, block by block, in a compiled loop; kept and taken up again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.textures.audio.linear_prediction import WINDOW
from models.textures.audio.mu_law import BLOCK_FRAMES, SILENCE
from models.textures.products.kernel_products import GROUP

Floats = NDArray[np.float32]
NO_TAPS: Final = np.zeros((0, 0), np.float32)


class Predicting(Protocol):
    """A network's numbers, laid out for drawing."""

    @property
    def predictor_order(self) -> int: ...


class Drawn(NamedTuple):
    """What a block becomes, [BLOCK_FRAMES x width] each: classes, and the value of each."""

    classes: NDArray[np.uint8]
    values: Floats


Packed = TypeVar("Packed", bound=Predicting)


class BlockDrawing(ABC, Generic[Packed]):
    """Streams of one network. Stream i depends on (seed, i) alone, whatever the others do.

    styles: [streams x styles] floats; conditions: [blocks x streams x conditions], as long as the whole drawing.
    predictors: [blocks x streams x order], for a network that is told what linear prediction expects; the last tap
    is the latest value's. sketch: values [frames x streams] that what is drawn keeps to; predicted is then how far it
    is from them (see `waveform.sketch`). Without one, they are noughts. fineness: how far a value goes from the middle
    of its class to what is predicted (see `class_choice.value_of`); nowhere where nothing is.
    `classes` holds what has been drawn, uint8 [frames x streams], and `values` the value of each; `frame` is how far it
    has come. `memory` names the arrays that a stream remembers from block to block; a subclass adds its own when it
    begins.
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
        sketch: Floats | None = None,
        fineness: float = 0.0,
    ) -> None:
        order = packed.predictor_order
        if not 0.05 <= temperature <= 3.0:
            raise WeightsError(f"temperature {temperature}: choose 0.05 to 3, 1 draws as the network learnt")
        if (predictors is None) != (order == 0):
            raise WeightsError(f"a network of predictor order {order}: give it as many taps a block")
        self.packed = packed
        self.order, self.styles, self.conditions, self.temperature = order, styles, conditions, temperature
        self.fineness = fineness if order else 0.0
        self.streams = conditions.shape[1]
        self.width = self.streams if self.streams == 1 else -(-self.streams // GROUP) * GROUP
        self.chances = [np.random.PCG64([seed, first_stream + n]) for n in range(self.streams)]
        self.classes = np.full((conditions.shape[0] * BLOCK_FRAMES, self.streams), SILENCE, np.uint8)
        self.values = np.zeros(self.classes.shape, np.float32)
        self.frame = 0
        self.predictors, self._sketch = predictors, sketch
        self.away = np.zeros((self.width, WINDOW + BLOCK_FRAMES), np.float32)
        self.memory: dict[str, NDArray[Any]] = {"away": self.away}
        self._begin()

    @abstractmethod
    def _begin(self) -> None:
        """Makes the arrays that this kind of network needs."""

    @abstractmethod
    def _run(self, block: int, chances: NDArray[np.float64], drawn: Drawn) -> None:
        """Draws a block into `drawn` and moves all `memory` on."""

    @property
    def done(self) -> bool:
        return self.frame >= len(self.classes)

    def advance(self) -> None:
        """Draws one block of `BLOCK_FRAMES` frames in every stream."""
        chances = np.zeros((BLOCK_FRAMES, self.width))
        for stream, bits in enumerate(self.chances):
            chances[:, stream] = np.random.Generator(bits).random(BLOCK_FRAMES)
        size = (BLOCK_FRAMES, self.width)
        drawn = Drawn(np.zeros(size, np.uint8), np.zeros(size, np.float32))
        self.away[:, :WINDOW] = self.away[:, BLOCK_FRAMES:]
        self._run(self.frame // BLOCK_FRAMES, chances, drawn)
        here = slice(self.frame, self.frame + BLOCK_FRAMES)
        self.classes[here], self.values[here] = (own[:, : self.streams] for own in drawn)
        self.frame += BLOCK_FRAMES

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that `restore` needs to go on from here, as arrays."""
        remembered = {name: values.copy() for name, values in self.memory.items()}
        drawn = {"classes": self.classes[: self.frame].copy(), "values": self.values[: self.frame].copy()}
        return {"frame": np.array(self.frame), **drawn, **remembered}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on from a state of a drawing made with the same arguments; raises `ValueError` if it cannot be one."""
        frame, classes, values = int(state["frame"]), state["classes"], state["values"]
        fits = all(name in state and state[name].shape == own.shape for name, own in self.memory.items())
        drawn_fits = classes.shape == values.shape == (frame, self.streams) and frame <= len(self.classes)
        if not fits or not drawn_fits:
            raise ValueError("the state of another drawing")
        for name, own in self.memory.items():
            own[:] = state[name]
        self.classes[:frame], self.values[:frame] = classes, values
        for bits in self.chances:
            bits.advance(frame - self.frame)
        self.frame = frame

    def taps(self, block: int) -> Floats:
        """Predictors of a block for all that hear, of which a group's last may be nobody's [width x order]."""
        if self.predictors is None:
            return NO_TAPS
        taps = np.zeros((self.width, self.order), np.float32)
        taps[: self.streams] = self.predictors[block]
        return taps

    def sketch(self, block: int) -> Floats:
        """The sketch of a block for all that hear [width x BLOCK_FRAMES]."""
        sketch = np.zeros((self.width, BLOCK_FRAMES), np.float32)
        if self._sketch is not None:
            sketch[: self.streams] = self._sketch[block * BLOCK_FRAMES : (block + 1) * BLOCK_FRAMES].T
        return sketch
