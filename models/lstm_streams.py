"""The Performance RNN while it draws: packed weights, and the state of a stream that may be guided."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.events import VOCABULARY_SIZE
from models.lstm_kernel import Floats, Precision, packed, step
from models.performance_wishes import CONDITION_SIZE
from models.weight_files import Arrays


class PackedNetwork(NamedTuple):
    """Weights as the compiled step wants them; `condition` [condition x 4H] turns a condition vector into gates."""

    condition: Floats
    table: Floats
    layers: tuple[NDArray[np.generic], ...]

    @classmethod
    def of(cls, arrays: Arrays, precision: Precision) -> PackedNetwork:
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


class GuidedStream:
    """One drawing, or two side by side, with and without the wish: their difference, enlarged, leads to what is asked.

    Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598). Training left wishes out often enough for the
    network to know both. Nothing asked, or a guidance of 1: a single stream.
    """

    def __init__(self, network: PackedNetwork, condition: Floats, guidance: float = 1.0) -> None:
        """`condition` [condition] is the wish; `guidance` says how far beyond the wished-for logits to go."""
        count = 2 if guidance != 1.0 and condition.any() else 1
        layers, size = network.state_shape
        self._network = network
        self._guidance = np.float32(guidance)
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
        asked = self._logits[0]
        if len(self._logits) == 1:
            return asked
        free = self._logits[1]
        return free + self._guidance * (asked - free)
