"""A WaveNet's numbers laid out as the compiled loop in `models.textures.wavenet.kernel` reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.common.vector_code import LANES
from models.textures.products.panels import Floats, in_panels, nothing, whole_arrays


@dataclass(frozen=True)
class Packed:
    """A network's numbers as the loop reads them.

    `matrices` holds all matrices flat, in the order of use: per layer both taps, one under the other, and residual,
    after every `TOGETHER` layers the skips of these, as well, then the head's two.
    """

    layers: int
    channels: int
    skip_channels: int
    head_channels: int
    dilations: NDArray[np.int64]
    embedding: Floats
    matrices: Floats
    gate_bias: Floats
    style: Floats
    condition: Floats
    residual_bias: Floats
    skip_bias: Floats
    head_bias: Floats
    out_bias: Floats
    foretold: Floats
    """Empty, like the two below, for a network that does without linear prediction."""
    spread: Floats
    spread_bias: Floats
    predictor_order: int
    told: Floats
    """Empty, like the next, for a network that is given its conditions as they are."""
    told_bias: Floats


MATRICES: Final = ("tap_past", "tap_now", "residual", "skip", "head", "out")
TOGETHER: Final = 4
"""Layers whose skips are one product: what all streams skip leaves the nearest cache from one layer to the next."""
OTHERS: Final = ("embedding", "gate_bias", "style", "condition", "residual_bias", "skip_bias", "head_bias", "out_bias")
PREDICTION: Final = ("foretold", "spread", "spread_bias")
PLAN_INPUT: Final = ("told", "told_bias")


def pack(parameters: Mapping[str, NDArray[Any]], dilations: Sequence[int], predictor_order: int = 0) -> Packed:
    """A network's parameters (by name, as numpy arrays) for drawing; raises `WeightsError` when they do not fit."""
    others = (*OTHERS, *(PREDICTION if predictor_order else ()), *(PLAN_INPUT if "told" in parameters else ()))
    whole = whole_arrays(parameters, (*MATRICES, *others))
    layers, channels = whole["tap_past"].shape[:2]
    sizes = (channels, whole["skip"].shape[2], whole["head"].shape[1])
    if len(dilations) != layers or any(size % LANES for size in sizes):
        raise WeightsError(f"drawing needs channel counts in multiples of {LANES} and {layers} dilations; got {sizes}")
    matrices = np.concatenate([in_panels(matrix) for matrix in _in_order(whole)])
    return Packed(
        layers=layers,
        channels=channels,
        skip_channels=sizes[1],
        head_channels=sizes[2],
        dilations=np.asarray(dilations, dtype=np.int64),
        matrices=matrices,
        **{name: whole.get(name, nothing(name)) for name in (*OTHERS, *PREDICTION, *PLAN_INPUT)},
        predictor_order=predictor_order,
    )


def _in_order(whole: Mapping[str, Floats]) -> Iterator[Floats]:
    """All matrices, as `Packed.matrices` has them."""
    layers = len(whole["skip"])
    for first in range(0, layers, TOGETHER):
        last = min(first + TOGETHER, layers)
        for layer in range(first, last):
            yield np.concatenate([whole["tap_past"][layer], whole["tap_now"][layer]])
            yield whole["residual"][layer]
        yield np.concatenate(list(whole["skip"][first:last]))
    yield from (whole["head"], whole["out"])
