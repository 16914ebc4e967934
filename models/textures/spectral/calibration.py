"""What the last layer of a plan has learnt of a style after all else: to write each digit as often as real pieces do.

models/weights/NAME/calibration.safetensors   arrays STYLE [tokens x digits]; the header holds their weights' hash

A plan that goes on from its own columns drifts a little further with each of them, for its next column continues what
it wrote. A small bias, counted on many drawings (`models.textures.training.calibration`), holds it where real ones are.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.common.weights import load_weights, save_weights
from models.textures.spectral.plan_drawing import PlanWeights

Floats = NDArray[np.float32]
CALIBRATION: Final = "calibration"
FILE_NAME: Final = f"{CALIBRATION}.safetensors"


def read_calibration(weights: Path, weights_hash: str) -> Mapping[str, Floats]:
    """Biases by style that lie beside the weights of a plan; none where there are none, or they are of other weights.

    Raises `WeightsError` naming the file when it is damaged.
    """
    path = weights.with_name(FILE_NAME)
    if not path.is_file():
        return {}
    biases, about = load_weights(path, CALIBRATION)
    return biases if about.get("weights") == weights_hash else {}


def write_calibration(weights: Path, weights_hash: str, biases: Mapping[str, NDArray[Any]]) -> None:
    """Puts biases by style beside the weights that they were counted on."""
    save_weights(weights.with_name(FILE_NAME), biases, {"network": CALIBRATION, "weights": weights_hash})


def calibrated(weights: PlanWeights, bias: NDArray[np.floating], share: float) -> PlanWeights:
    """Weights of a plan whose codes score as much more as the bias [tokens x digits] of their digits says.

    What both drawings of classifier-free guidance have alike passes it as it is, so the bias is not guided.
    """
    levels = weights.levels
    codes, total, offset = np.arange(int(np.prod(levels))), np.zeros_like(weights.head_bias), 0
    for count in levels:
        total += np.float32(share) * bias.astype(np.float32)[:, offset + codes % count]
        codes, offset = codes // count, offset + int(count)
    return weights._replace(head_bias=weights.head_bias + total)
