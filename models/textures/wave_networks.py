"""The networks that make plans sound, value by value: how each is called, sized, packed and drawn from. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.textures.samplernn.drawing import Drawing as SampleRnnDrawing
from models.textures.samplernn.packing import PackedSampleRnn
from models.textures.samplernn.packing import pack as pack_samplernn
from models.textures.samplernn.sizes import SampleRnnSizes
from models.textures.waveform.block_drawing import BlockDrawing
from models.textures.wavenet.drawing import Drawing as WaveNetDrawing
from models.textures.wavenet.packing import Packed
from models.textures.wavenet.packing import pack as pack_wavenet
from models.textures.wavenet.sizes import WaveNetSizes

WaveSizes: TypeAlias = WaveNetSizes | SampleRnnSizes
PackedWaves: TypeAlias = Packed | PackedSampleRnn
WAVENET, SAMPLERNN = "wavenet", "samplernn"
SIZES: Final[dict[str, type[WaveNetSizes | SampleRnnSizes]]] = {WAVENET: WaveNetSizes, SAMPLERNN: SampleRnnSizes}
"""By the name of the kind, as it stands in the header of weights."""


def kind_of_sizes(sizes: WaveSizes) -> str:
    """Under which name weights of such a network are kept."""
    return SAMPLERNN if isinstance(sizes, SampleRnnSizes) else WAVENET


def packed(parameters: Mapping[str, NDArray[Any]], sizes: WaveSizes) -> PackedWaves:
    """Parameters by name, laid out for drawing; raises `WeightsError` when they do not fit."""
    if isinstance(sizes, SampleRnnSizes):
        return pack_samplernn(parameters, sizes)
    return pack_wavenet(parameters, sizes.dilations, sizes.predictor_order)


def drawing_from(
    network: PackedWaves,
    styles: NDArray[np.float32],
    conditions: NDArray[np.float32],
    seed: int,
    temperature: float,
    first_stream: int,
    predictors: NDArray[np.float32] | None,
    sketch: NDArray[np.float32] | None = None,
    fineness: float = 0.0,
) -> BlockDrawing[Any]:
    """A drawing in compiled loops, see `BlockDrawing`."""
    given = (styles, conditions, seed, temperature, first_stream, predictors, sketch, fineness)
    if isinstance(network, PackedSampleRnn):
        return SampleRnnDrawing(network, *given)
    return WaveNetDrawing(network, *given)
