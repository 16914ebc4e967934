"""The networks that make plans sound, in torch: made, read from a file, and drawn from on a device."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.common.weights import load_weights
from models.textures.samplernn.network import SampleRnn
from models.textures.samplernn.sizes import SampleRnnSizes
from models.textures.samplernn.torch_drawing import TorchDrawing as SampleRnnTorchDrawing
from models.textures.wave_networks import SIZES, WaveSizes
from models.textures.waveform.torch_drawing import TorchBlockDrawing
from models.textures.wavenet.network import WaveNet
from models.textures.wavenet.torch_drawing import TorchDrawing as WaveNetTorchDrawing


def network_of(sizes: WaveSizes) -> WaveNet | SampleRnn:
    """A network that learnt nothing yet."""
    return SampleRnn(sizes) if isinstance(sizes, SampleRnnSizes) else WaveNet(sizes)


def load_torch_network(path: Path) -> WaveNet | SampleRnn:
    """The network of a weights file, to draw and to measure with; raises `WeightsError` naming the file."""
    arrays, about = load_weights(path, *SIZES)
    network = network_of(SIZES[about["network"]].from_dict(json.loads(about["sizes"])))
    try:
        network.load_state_dict({key: torch.from_numpy(values) for key, values in arrays.items()})
    except RuntimeError as error:
        raise WeightsError(f"{path}: the weights do not fit their sizes ({error})") from error
    return network.eval().requires_grad_(False)


def torch_drawing_from(
    network: WaveNet | SampleRnn,
    styles: NDArray[np.float32],
    conditions: NDArray[np.float32],
    seed: int,
    temperature: float,
    predictors: NDArray[np.float32] | None,
    sketch: NDArray[np.float32] | None = None,
    fineness: float = 0.0,
) -> TorchBlockDrawing[Any]:
    """A drawing on the network's device, all streams together."""
    given = (styles, conditions, seed, temperature, predictors, sketch, fineness)
    if isinstance(network, SampleRnn):
        return SampleRnnTorchDrawing(network, *given)
    return WaveNetTorchDrawing(network, *given)
