"""Layers of small networks in NumPy that come out alike on every processor.

For networks that play now and then, in processes that have no compiler: what `numba` loops are for the large ones. A
library's exponential differs in its last bit from one processor to the next, and so do sums that are split to fit its
vectors. Here everything is one rounding at a time, in double precision, and sums are added up in the order of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.common.weights import Arrays

Doubles = NDArray[np.float64]

FURTHEST: Final = 700.0
"""Beyond it an exponential counts as that of this, about 1e304."""
LOG2_E: Final = 1.4426950408889634
LN_2: Final = 0.6931471805599453
TERMS: Final = 13
"""Of the exponential's series on half an octave to both sides of 0: as many as double precision can tell."""


def exponential(x: Doubles) -> Doubles:
    """exp(x): two to the whole part, the rest by its series."""
    y = np.clip(x, -FURTHEST, FURTHEST) * LOG2_E
    whole = np.floor(y + 0.5)
    f = (y - whole) * LN_2
    total = np.ones_like(f)
    for term in range(TERMS, 0, -1):
        total = 1.0 + total * f / term
    return np.ldexp(total, whole.astype(np.int32))


def sigmoid(x: Doubles) -> Doubles:
    return np.asarray(1.0 / (1.0 + exponential(-x)))


def tanh(x: Doubles) -> Doubles:
    return np.asarray(1.0 - 2.0 / (exponential(2.0 * x) + 1.0))


def in_order(rows: Doubles) -> Doubles:
    """The sum [columns] of rows [n x columns], one row after the other.

    NumPy adds up what lies side by side in memory by pairs, but whole rows in their order, and thirty times as fast as
    it tells every sum on the way.
    """
    if rows.shape[1] == 1:
        return np.asarray(np.add.accumulate(rows, axis=0)[-1])
    return np.asarray(np.add.reduce(np.ascontiguousarray(rows), axis=0))


def product(x: Doubles, matrix: Doubles) -> Doubles:
    """x [rows] or [n x rows] @ matrix [rows x columns]."""
    if x.ndim == 1:
        return in_order(x[:, None] * matrix)
    out = np.zeros((len(x), matrix.shape[1]))
    for row, weights in enumerate(matrix):
        out += x[:, row, None] * weights
    return out


def drawn(logits: Doubles, uniform: float, temperature: float = 1.0) -> int:
    """The index on which `uniform`, 0..1, falls in softmax(logits / temperature)."""
    reached = np.add.accumulate(exponential((logits - logits.max()) / temperature))
    return int(min(np.searchsorted(reached, uniform * reached[-1], "right"), len(logits) - 1))


@dataclass(frozen=True)
class Linear:
    """y = x @ matrix [in x out] + bias [out]."""

    matrix: Doubles
    bias: Doubles

    @classmethod
    def of(cls, arrays: Arrays, name: str) -> Linear:
        """From `name`.weight and `name`.bias, as torch keeps them."""
        return cls(_double(arrays[f"{name}.weight"]).T.copy(), _double(arrays[f"{name}.bias"]))

    def __call__(self, x: Doubles) -> Doubles:
        return product(x, self.matrix) + self.bias


@dataclass(frozen=True)
class Gru:
    """A gated recurrent unit (Cho et al. 2014, arXiv 1406.1078), as torch has it: reset, update, new."""

    taken: Linear
    remembered: Linear

    @classmethod
    def of(cls, arrays: Arrays, name: str, suffix: str = "") -> Gru:
        """From a `torch.nn.GRU` or `GRUCell` called `name`; `suffix` is "_l0" or "_l0_reverse" for the former."""

        def part(which: str) -> Linear:
            weight, bias = arrays[f"{name}.weight_{which}{suffix}"], arrays[f"{name}.bias_{which}{suffix}"]
            return Linear(_double(weight).T.copy(), _double(bias))

        return cls(part("ih"), part("hh"))

    @property
    def size(self) -> int:
        return len(self.remembered.matrix)

    def step(self, taken: Doubles, hidden: Doubles) -> Doubles:
        """The next state [size] from what `self.taken` makes of an input [3 size], and the state before."""
        size, remembered = self.size, self.remembered(hidden)
        gates = sigmoid(taken[: 2 * size] + remembered[: 2 * size])
        new = tanh(taken[2 * size :] + gates[:size] * remembered[2 * size :])
        return np.asarray((1.0 - gates[size:]) * new + gates[size:] * hidden)

    def read(self, inputs: Doubles) -> Doubles:
        """States [n x size] after each of inputs [n x in]."""
        hidden, states = np.zeros(self.size), np.empty((len(inputs), self.size))
        for index, taken in enumerate(self.taken(inputs)):
            hidden = states[index] = self.step(taken, hidden)
        return states


def _double(array: NDArray[np.float32]) -> Doubles:
    return array.astype(np.float64)
