"""The Performance RNN while it draws: packed weights, and the state of a stream that may be guided."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.common.weights import Arrays
from models.performers.drawing.guidance import guided, stream_count
from models.performers.drawing.lstm_kernel import step
from models.performers.drawing.packed_products import Floats, Precision, packed
from models.performers.vocabulary.conditioning import CONDITION_SIZE
from models.performers.vocabulary.events import VOCABULARY_SIZE


class PackedRnn(NamedTuple):
    """Weights as the compiled step wants them; `condition` [condition x 4H] turns a condition vector into gates."""

    condition: Floats
    table: Floats
    layers: tuple[NDArray[np.generic], ...]
    memory_events: int = 512
    usual_guidance: float = 2.0

    @classmethod
    def of(cls, arrays: Arrays, precision: Precision) -> PackedRnn:
        """Raises KeyError or ValueError when the arrays are not those of a Performance RNN."""
        count = sum(name.startswith("lstm.weight_hh") for name in arrays)
        first = arrays["lstm.weight_ih_l0"]
        bias = np.stack([arrays[f"lstm.bias_ih_l{i}"] + arrays[f"lstm.bias_hh_l{i}"] for i in range(count)])
        if len(arrays["embedding.weight"]) != VOCABULARY_SIZE or arrays["condition.weight"].shape[1] != CONDITION_SIZE:
            raise ValueError("another vocabulary or other conditions")
        inner = [packed(arrays[f"lstm.weight_hh_l{i}"], precision) for i in range(count)]
        outer = [packed(arrays[f"lstm.weight_ih_l{i}"], precision) for i in range(1, count)]
        between = [np.stack(part) for part in (*zip(*inner, strict=True), *zip(*outer, strict=True))]
        head = packed(arrays["head.weight"], precision)
        return cls(
            np.ascontiguousarray(arrays["condition.weight"].T @ first.T),
            np.ascontiguousarray(arrays["embedding.weight"] @ first.T + bias[0]),
            (*between, bias, *head, arrays["head.bias"]),
        )

    @property
    def state_shape(self) -> tuple[int, int]:
        """[layers x hidden]"""
        recurrent = self.layers[0]
        return recurrent.shape[0], recurrent.shape[2]

    def stream(self, condition: Floats, guidance: float = 1.0) -> RnnStream:
        """A drawing from the beginning that is asked for `condition` [condition]; see `drawing.guidance`."""
        return RnnStream(self, condition, guidance)


class RnnStream:
    """One drawing, or two side by side that are guided (see `drawing.guidance`), with their hidden states."""

    def __init__(self, network: PackedRnn, condition: Floats, guidance: float) -> None:
        count = stream_count(condition, guidance)
        layers, size = network.state_shape
        self._network = network
        self._guidance = guidance
        self._wish = np.zeros((count, network.table.shape[1]), np.float32)
        self._hidden = np.zeros((layers, count, size), np.float32)
        self._cell = np.zeros_like(self._hidden)
        self._logits = np.zeros((count, VOCABULARY_SIZE), np.float32)
        self.ask(condition)

    def ask(self, condition: Floats) -> None:
        """Another wish [condition] from the next event on."""
        self._wish[0] = condition @ self._network.condition

    def take(self, event: int) -> Floats:
        """Logits [vocabulary] of what follows `event`; the next call may change them."""
        network = self._network
        step(  # type: ignore[call-arg]  # numba is not annotated
            event,
            self._wish,
            network.table,
            *network.layers,  # type: ignore[arg-type]
            self._hidden,
            self._cell,
            self._logits,
        )
        return guided(self._logits, self._guidance)
