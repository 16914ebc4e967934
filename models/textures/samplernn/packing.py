"""A SampleRNN's numbers laid out as the compiled loop in `models.textures.samplernn.kernel` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.common.vector_code import LANES
from models.textures.products.panels import Floats, in_panels, nothing, whole_arrays
from models.textures.samplernn.sizes import SampleRnnSizes
from models.textures.spectral.arithmetic import add_product


@dataclass(frozen=True)
class Told:
    """How style and conditions reach a tier: [styles x width], [conditions x width], [width]."""

    style: Floats
    condition: Floats
    bias: Floats


@dataclass(frozen=True)
class Recurrent:
    """A recurrent tier. `matrices` holds its matrices flat, in the order of use: for a frame, for what it hears, for
    what it remembers, and for what it says to the tier below."""

    matrices: Floats
    bias_heard: Floats
    bias_remembered: Floats
    told: Told


@dataclass(frozen=True)
class PackedSampleRnn:
    """A network's numbers as the loop reads them."""

    sizes: SampleRnnSizes
    top: Recurrent
    middle: Recurrent
    tables: Floats
    """[heard x 256 x channels]: what each class adds at each place before the next value, the oldest first."""
    told_lowest: Told
    lowest: Floats
    """The two matrices of the lowest tier, flat."""
    hidden_bias: Floats
    out_bias: Floats
    foretold: Floats
    """Empty, like the next two, for a network that does without linear prediction."""
    spread: Floats
    spread_bias: Floats
    told: Floats
    """Empty, like the next, for a network that is given its conditions as they are."""
    told_bias: Floats

    @property
    def predictor_order(self) -> int:
        return self.sizes.predictor_order


def pack(parameters: Mapping[str, NDArray[Any]], sizes: SampleRnnSizes) -> PackedSampleRnn:
    """A network's parameters (by name, as numpy arrays) for drawing; raises `WeightsError` when they do not fit."""
    whole = whole_arrays(parameters, list(sizes.parameter_shapes))
    widths = (sizes.top, sizes.middle, sizes.channels)
    if any(width % LANES for width in widths):
        raise WeightsError(f"drawing needs widths in multiples of {LANES}, got {widths}")
    if wrong := [name for name, shape in sizes.parameter_shapes.items() if whole[name].shape != shape]:
        raise WeightsError(f"{wrong[0]} does not have the size that its header says; fetch the weights again")
    names = ("foretold", "spread", "spread_bias", "told", "told_bias")
    optional = {name: whole.get(name, nothing(name)) for name in names}
    return PackedSampleRnn(
        sizes=sizes,
        top=_recurrent(whole, "top"),
        middle=_recurrent(whole, "middle"),
        tables=_tables(whole["embedding"], whole["taps"]),
        told_lowest=_told(whole, ""),
        lowest=np.concatenate([in_panels(whole["hidden"]), in_panels(whole["out"])]),
        hidden_bias=whole["hidden_bias"],
        out_bias=whole["out_bias"],
        **optional,
    )


def _recurrent(whole: Mapping[str, Floats], tier: str) -> Recurrent:
    heard, remembered = (whole[f"{tier}_unit.weight_{which}_l0"].T for which in ("ih", "hh"))
    in_order = (whole[f"{tier}_frame"], heard, remembered, whole[f"{tier}_out"])
    return Recurrent(
        matrices=np.concatenate([in_panels(matrix) for matrix in in_order]),
        bias_heard=whole[f"{tier}_unit.bias_ih_l0"],
        bias_remembered=whole[f"{tier}_unit.bias_hh_l0"],
        told=_told(whole, f"{tier}_"),
    )


def _told(whole: Mapping[str, Floats], tier: str) -> Told:
    return Told(whole[f"{tier}style"], whole[f"{tier}condition"], whole[f"{tier}bias"])


def _tables(embedding: Floats, taps: Floats) -> Floats:
    """embedding [256 x features] @ taps [heard x features x channels], rounded alike on every processor."""
    tables = np.zeros((len(taps), len(embedding), taps.shape[2]), np.float32)
    for table, tap in zip(tables, taps, strict=True):
        for row, features in zip(table, embedding, strict=True):
            add_product(row, features, tap)
    return tables
