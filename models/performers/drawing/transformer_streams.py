"""The Piano Transformer while it draws: packed weights, and the memory of a stream that may be guided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.common.large_pages import together
from models.common.weights import Arrays
from models.performers.drawing.guidance import guided, stream_count
from models.performers.drawing.kernels.lane_sums import HALF_PANEL, PANEL
from models.performers.drawing.kernels.packed_products import Floats, Precision, add_rows, packed
from models.performers.drawing.kernels.pointer import PointerMemory, PointerWeights
from models.performers.drawing.kernels.transformer import Memory, Weights, step
from models.performers.networks.transformer_sizes import FAR_EVERY, NO_SINK, RECENT_EVENTS, PianoTransformerSizes, turns
from models.performers.vocabulary.conditioning import with_all_conditions
from models.performers.vocabulary.events import START, VOCABULARY_SIZE
from models.performers.vocabulary.keyboard_state import MEMORY_SIZE, silence

FIRST_SLOTS: Final = 4 * PANEL
"""Keys and values that there is room for at first: a phrase of twenty seconds is 300 to 600 events."""


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
        return cls(sizes, with_all_conditions(arrays["condition"]).T.copy(), together(weights))

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

    def readier(self, by: float) -> PackedTransformer:
        """One that points back more readily; see `drawing.pointing`. Its weights are the same in memory, too."""
        return self._replace(weights=self.weights._replace(pointer=self.weights.pointer.readier(by)))

    def stream(self, condition: Floats, guidance: float = 1.0) -> TransformerStream:
        """A drawing from the beginning; see `TransformerStream`."""
        return TransformerStream(self, condition, guidance)


class TransformerStream:
    """One drawing, or two side by side that are guided (see `drawing.guidance`), with what they remember.

    There is room for the keys and values of a phrase at first; a longer drawing gets more when it needs it.
    """

    def __init__(self, network: PackedTransformer, condition: Floats, guidance: float) -> None:
        count, sizes = stream_count(condition, guidance), network.sizes
        self._network, self._guidance = network, guidance
        self._taken, self._slots = 0, min(FIRST_SLOTS, sizes.memory_events)
        self._memory = together(_empty(count, sizes, self._slots))
        silence(self._memory.keyboard)
        self.ask(condition)

    def ask(self, condition: Floats) -> None:
        """Another condition vector [condition] from the next event on."""
        self._memory.condition[0] = 0
        add_rows(condition, self._network.condition, self._memory.condition[0])

    def take(self, event: int) -> Floats:
        """Logits [vocabulary] of what follows `event`; the next call may change them."""
        if self._taken == self._slots < self._network.sizes.memory_events:
            self._slots = min(2 * self._slots, self._network.sizes.memory_events)
            self._memory = together(_longer(self._memory, self._network.sizes, self._slots))
        self._taken += 1
        step(event, self._network.weights, self._memory)
        return guided(self._memory.logits, self._guidance)


def _empty(count: int, sizes: PianoTransformerSizes, slots: int) -> Memory:
    """What `count` streams remember before a piece, with room for `slots` events."""
    panels = _panels(sizes, slots)
    width = -(-sizes.head // HALF_PANEL) * HALF_PANEL
    far = sizes.layers // FAR_EVERY
    kept = [(layers, count, sizes.groups, some) for layers, some in zip((sizes.layers - far, far), panels, strict=True)]
    return Memory(
        condition=np.zeros((count, sizes.width), np.float32),
        recent=np.full(RECENT_EVENTS, START, np.int64),
        keyboard=np.empty(MEMORY_SIZE, np.int64),
        position=np.zeros(1, np.int64),
        keys=_of_both(np.zeros((*shape, sizes.head, PANEL), np.float32) for shape in kept),
        values=_of_both(np.zeros((*shape[:3], shape[3] * PANEL, width), np.float32) for shape in kept),
        newest=np.zeros((sizes.layers, count, sizes.head), np.float32),
        logits=np.zeros((count, VOCABULARY_SIZE), np.float32),
        scratch=np.ones((3, max(_panels(sizes, sizes.memory_events)) * PANEL), np.float32),
        pointer=PointerMemory.empty(count, sizes.memory_events),
    )


def _longer(memory: Memory, sizes: PianoTransformerSizes, slots: int) -> Memory:
    """The same with room for more events: of a layer that has yet to fill its reach, none was overwritten so far."""
    panels = _panels(sizes, slots)
    return memory._replace(
        keys=_of_both(_lengthened(keys, some) for keys, some in zip(memory.keys, panels, strict=True)),
        values=_of_both(_lengthened(values, some * PANEL) for values, some in zip(memory.values, panels, strict=True)),
    )


def _panels(sizes: PianoTransformerSizes, slots: int) -> tuple[int, int]:
    """Of a layer that looks at what is near and of one that looks at all, with room for so many events or for that."""
    near, far = (-(-min(reach, slots) // PANEL) for reach in (sizes.near_events, sizes.memory_events))
    return near, far


def _of_both(kept: Iterable[Floats]) -> tuple[Floats, Floats]:
    near, far = kept
    return near, far


def _lengthened(kept: Floats, length: int) -> Floats:
    """Zeros behind what is kept [layers x streams x groups x length x …]."""
    room = np.zeros((*kept.shape[:3], length, *kept.shape[4:]), np.float32)
    room[:, :, :, : kept.shape[3]] = kept
    return room
