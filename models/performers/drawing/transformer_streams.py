"""The Piano Transformer while it draws: packed weights, and the memory of a stream that may be guided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.common.weights import Arrays
from models.performers.drawing.guidance import guided, stream_count
from models.performers.drawing.kernels.lane_sums import HALF_PANEL, PANEL
from models.performers.drawing.kernels.packed_products import Floats, Precision, packed
from models.performers.drawing.kernels.pointer import PointerMemory, PointerWeights
from models.performers.drawing.kernels.transformer import Memory, Weights, step
from models.performers.networks.transformer_sizes import NO_SINK, RECENT_EVENTS, PianoTransformerSizes, turns
from models.performers.vocabulary.conditioning import with_all_conditions
from models.performers.vocabulary.events import START, VOCABULARY_SIZE
from models.performers.vocabulary.keyboard_state import MEMORY_SIZE, silence


class PackedTransformer(NamedTuple):
    """Weights as the compiled step takes them; `condition` is [condition x width]."""

    sizes: PianoTransformerSizes
    condition: Floats
    weights: Weights

    @classmethod
    def of(cls, arrays: Arrays, precision: Precision, sizes: PianoTransformerSizes | None = None) -> PackedTransformer:
        """Sizes that are not given are read off the arrays.

        Raises KeyError or ValueError when the arrays are not those of a Piano Transformer.
        """
        sizes = sizes or PianoTransformerSizes.of(arrays)

        def layered(*names: str) -> Iterator[NDArray[np.float32]]:
            for i in range(sizes.layers):
                yield np.concatenate([arrays[f"layers.{i}.{name}"] for name in names])

        def all_packed(matrices: Iterable[Floats]) -> tuple[NDArray[np.generic], Floats]:
            both = [packed(matrix, precision) for matrix in matrices]
            return np.stack([matrix for matrix, _ in both]), np.stack([scale for _, scale in both])

        no_sink = np.full((sizes.heads, 1), NO_SINK, np.float32)
        head, head_scale = packed(arrays["head"], precision)
        weights = Weights(
            np.ascontiguousarray(arrays["embedding"]),
            *packed(arrays["state"], precision),
            *all_packed(layered("queries", "keys", "values")),
            np.stack([*layered("gate")]),
            np.stack([*layered("sharpness")])[..., 0] * np.float32(sizes.head**-0.5),
            np.stack([arrays.get(f"layers.{i}.sink", no_sink)[:, 0] for i in range(sizes.layers)]),
            *all_packed(layered("out")),
            *all_packed(layered("up")),
            *all_packed(layered("down")),
            head,
            head_scale,
            np.stack([turns(sizes.head, group) for group in range(sizes.groups)]),
            np.array([sizes.reach(layer) for layer in range(sizes.layers)]),
            PointerWeights.of(arrays, sizes.width),
        )
        return cls(sizes, with_all_conditions(arrays["condition"]).T.copy(), weights)

    @property
    def memory_events(self) -> int:
        """What of a primer is heard: the memory of the layers that look back furthest."""
        return self.sizes.memory_events

    @property
    def usual_guidance(self) -> float:
        """Enough for as few notes as are asked for: of 2.5 a second become 2.2, nine tenths of them 1.6 to 3.2.

        The further it goes, the less it sounds like people. Without any, as many as 8 a second come of 2.5 asked for.
        """
        return 1.5

    def stream(self, condition: Floats, guidance: float = 1.0) -> TransformerStream:
        """A drawing from the beginning; see `TransformerStream`."""
        return TransformerStream(self, condition, guidance)


class TransformerStream:
    """One drawing, or two side by side that are guided (see `drawing.guidance`), with what they remember."""

    def __init__(self, network: PackedTransformer, condition: Floats, guidance: float) -> None:
        count, sizes = stream_count(condition, guidance), network.sizes
        self._network, self._guidance = network, guidance
        panels = [-(-sizes.reach(layer) // PANEL) for layer in range(sizes.layers)]
        width = -(-sizes.head // HALF_PANEL) * HALF_PANEL
        kept = (count, sizes.groups)
        self._memory = Memory(
            condition=np.zeros((count, sizes.width), np.float32),
            recent=np.full(RECENT_EVENTS, START, np.int64),
            keyboard=np.empty(MEMORY_SIZE, np.int64),
            position=np.zeros(1, np.int64),
            keys=tuple(np.zeros((*kept, some, sizes.head, PANEL), np.float32) for some in panels),
            values=tuple(np.zeros((*kept, some * PANEL, width), np.float32) for some in panels),
            newest=np.zeros((sizes.layers, count, sizes.head), np.float32),
            logits=np.zeros((count, VOCABULARY_SIZE), np.float32),
            scratch=np.ones((3, max(panels) * PANEL), np.float32),
            pointer=PointerMemory.empty(count, sizes.memory_events),
        )
        silence(self._memory.keyboard)
        self.ask(condition)

    def ask(self, condition: Floats) -> None:
        """Another condition vector [condition] from the next event on."""
        self._memory.condition[0] = condition @ self._network.condition

    def take(self, event: int) -> Floats:
        """Logits [vocabulary] of what follows `event`; the next call may change them."""
        step(event, self._network.weights, self._memory)
        return guided(self._memory.logits, self._guidance)
