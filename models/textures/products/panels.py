"""Parameters of a network as its drawing loop reads them: complete, finite, and matrices cut in panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError

Floats = NDArray[np.float32]
PANEL: Final = 64
"""Columns of a matrix that lie together; see `in_panels`."""
CONDITION_SLOPE: Final = 0.2
"""Of the leaky rectifier through which a network takes its conditions."""


def whole_arrays(parameters: Mapping[str, NDArray[Any]], names: Sequence[str]) -> dict[str, Floats]:
    """The arrays of those names as float32; raises `WeightsError` when one is missing or not finite."""
    if missing := [name for name in names if name not in parameters]:
        raise WeightsError(f"these weights lack {', '.join(missing)}; fetch the weights again")
    whole = {name: np.ascontiguousarray(parameters[name], dtype=np.float32) for name in names}
    for name, values in whole.items():
        if not np.isfinite(values).all():
            raise WeightsError(f"weights {name!r} hold values that are not numbers; fetch the weights again")
    return whole


def nothing(name: str) -> Floats:
    """An empty bias or matrix, in place of one that a network does without."""
    return np.zeros((0,) if name.endswith("bias") else (0, 0), np.float32)


def in_panels(matrix: Floats) -> Floats:
    """A matrix [rows x columns] flat, cut in panels of `PANEL` columns that are read from end to end.

    Rows of a wide matrix lie a power of two apart and would compete for the same few places in the cache.
    """
    return np.concatenate([matrix[:, at : at + PANEL].reshape(-1) for at in range(0, matrix.shape[1], PANEL)])


def as_halves(weights: Floats) -> NDArray[np.uint16] | Floats:
    """The bits of weights in half precision where that holds them all, as of networks that ship; else themselves.

    Of a stream alone the time goes into reading its weights. Of several, into widening them, which float32 saves.
    """
    with np.errstate(over="ignore"):
        halves = weights.astype(np.float16)
    return halves.view(np.uint16) if np.array_equal(halves, weights) else weights


class Shaped(Protocol):
    """Sizes of a network that say what shape each of its parameters has, by name."""

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]: ...


def random_parameters(sizes: Shaped, rng: np.random.Generator) -> dict[str, NDArray[np.float16]]:
    """Parameters of a network that learnt nothing, in half precision as shipped ones are."""
    return {
        name: (0.5 * rng.standard_normal(shape) * shape[-1] ** -0.5).astype(np.float16)
        for name, shape in sizes.parameter_shapes.items()
    }
