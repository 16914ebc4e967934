"""A trained plan network with the codec's way back, on disk: half precision, read without torch.

models/weights/NAME/ERA.safetensors   arrays plan.… and codec.…; the header holds the plan's sizes
Beside it may lie what its last layer has learnt since, see `models.textures.spectral.calibration`.

Drawing needs no encoder; it is kept so that training can go on in the same codes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.common.weights import content_hash, load_weights, save_weights
from models.textures.spectral.calibration import read_calibration
from models.textures.spectral.decoding import Decoder
from models.textures.spectral.plan_drawing import PlanWeights, plan_weights
from models.textures.spectral.plan_sizes import PlanSizes

SPECTRAL: Final = "spectral"
PLAN, CODEC = "plan.", "codec."
_DECODER = CODEC + "decoder."


@dataclass(frozen=True)
class PlanNetwork:
    """What writes plans and makes levels of them."""

    sizes: PlanSizes
    weights: PlanWeights
    decoder: Decoder
    hash: str
    calibration: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """Biases [tokens x digits] by style."""


def read_plan(path: Path) -> tuple[PlanNetwork, dict[str, str]]:
    """The network in a file, and its header; raises `WeightsError` naming the file when it is damaged."""
    arrays, about = load_weights(path, SPECTRAL)
    try:
        sizes = PlanSizes.from_dict(json.loads(about.get("sizes", "")))
        weights = plan_weights(under(arrays, PLAN), sizes)
        decoder = Decoder(under(arrays, _DECODER), sizes.levels, sizes.groups)
    except (WeightsError, ValueError) as error:
        raise WeightsError(f"{path}: {error}") from error
    own_hash = content_hash(path)
    return PlanNetwork(sizes, weights, decoder, own_hash, read_calibration(path, own_hash)), about


def write_plan(
    path: Path,
    plan: Mapping[str, NDArray[Any]],
    codec: Mapping[str, NDArray[Any]],
    sizes: PlanSizes,
    about: Mapping[str, str],
) -> None:
    """Writes the parameters of a plan and of its codec, by name."""
    arrays = {PLAN + name: np.asarray(value) for name, value in plan.items()}
    arrays |= {CODEC + name: np.asarray(value) for name, value in codec.items()}
    save_weights(path, arrays, {**about, "network": SPECTRAL, "sizes": json.dumps(sizes.as_dict())})


def under(arrays: Mapping[str, NDArray[Any]], beginning: str) -> dict[str, NDArray[Any]]:
    return {name[len(beginning) :]: value for name, value in arrays.items() if name.startswith(beginning)}
