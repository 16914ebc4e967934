"""The Performance RNN while it draws: packed weights, and the state of a stream that may be guided."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.common.weights import Arrays
from models.performers.drawing.guidance import guided, stream_count
from models.performers.drawing.kernels.lstm import Memory, Weights, normalised, step
from models.performers.drawing.kernels.packed_products import Floats, Precision, add_rows, packed
from models.performers.drawing.kernels.pointer import PointerMemory, PointerWeights
from models.performers.networks.pointer_sizes import RNN_REACH_EVENTS
from models.performers.vocabulary.conditioning import with_all_conditions
from models.performers.vocabulary.events import VOCABULARY_SIZE


class PackedRnn(NamedTuple):
    """Weights as the compiled step wants them; `condition` [condition x 4H] turns a condition vector into gates."""

    condition: Floats
    weights: Weights
    memory_events: int = 512
    usual_guidance: float = 1.5

    @classmethod
    def of(cls, arrays: Arrays, precision: Precision) -> PackedRnn:
        """Raises KeyError or ValueError when the arrays are not those of a Performance RNN."""
        count = sum(name.startswith("lstm.weight_hh") for name in arrays)
        first = arrays["lstm.weight_ih_l0"]
        bias = np.stack([arrays[f"lstm.bias_ih_l{i}"] + arrays[f"lstm.bias_hh_l{i}"] for i in range(count)])
        if len(arrays["embedding.weight"]) != VOCABULARY_SIZE:
            raise ValueError("another vocabulary")
        inner = [packed(arrays[f"lstm.weight_hh_l{i}"], precision) for i in range(count)]
        outer = [packed(arrays[f"lstm.weight_ih_l{i}"], precision) for i in range(1, count)]
        head, head_scale = packed(arrays["head.weight"], precision)
        weights = Weights(
            table=np.ascontiguousarray(arrays["embedding.weight"] @ first.T + bias[0]),
            inner=np.stack([matrix for matrix, _ in inner]),
            inner_scale=np.stack([scale for _, scale in inner]),
            outer=np.stack([matrix for matrix, _ in outer]),
            outer_scale=np.stack([scale for _, scale in outer]),
            bias=bias,
            head=head,
            head_scale=head_scale,
            head_bias=arrays["head.bias"],
            heard=np.stack([normalised(row) for row in np.ascontiguousarray(arrays["embedding.weight"])]),
            pointer=PointerWeights.of(arrays, arrays["embedding.weight"].shape[1]),
        )
        return cls(np.ascontiguousarray(with_all_conditions(arrays["condition.weight"]).T @ first.T), weights)

    def readier(self, by: float) -> PackedRnn:
        """One that points back more readily; see `drawing.pointing`. Its weights are the same in memory, too."""
        return self._replace(weights=self.weights._replace(pointer=self.weights.pointer.readier(by)))

    def stream(self, condition: Floats, guidance: float = 1.0) -> RnnStream:
        """A drawing from the beginning that is asked for `condition` [condition]; see `drawing.guidance`."""
        return RnnStream(self, condition, guidance)


class RnnStream:
    """One drawing, or two side by side that are guided (see `drawing.guidance`), with their hidden states."""

    def __init__(self, network: PackedRnn, condition: Floats, guidance: float) -> None:
        count = stream_count(condition, guidance)
        (layers, gates), size = network.weights.inner_scale.shape, network.weights.inner.shape[2]
        self._network, self._guidance = network, guidance
        self._memory = Memory(
            condition=np.zeros((count, gates), np.float32),
            hidden=np.zeros((layers, count, size), np.float32),
            cell=np.zeros((layers, count, size), np.float32),
            logits=np.zeros((count, VOCABULARY_SIZE), np.float32),
            position=np.zeros(1, np.int64),
            pointer=PointerMemory.empty(count, RNN_REACH_EVENTS),
        )
        self.ask(condition)

    def ask(self, condition: Floats) -> None:
        """Another condition vector [condition] from the next event on."""
        self._memory.condition[0] = 0
        add_rows(condition, self._network.condition, self._memory.condition[0])

    def take(self, event: int) -> Floats:
        """Logits [vocabulary] of what follows `event`; the next call may change them."""
        step(event, self._network.weights, self._memory)
        return guided(self._memory.logits, self._guidance)
