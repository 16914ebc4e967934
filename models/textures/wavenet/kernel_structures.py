"""What the compiled drawing loop reads and writes: weights, the streams' memory, and room to compute a frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Sizes(NamedTuple):
    """Of a network, as the loop needs them."""

    layers: int
    channels: int
    skip_channels: int
    head_channels: int


class Weights(NamedTuple):
    """All that is read and never written, flat; `matrices` in the order in which they are used."""

    embedding: Floats
    matrices: Floats
    residual_bias: Floats
    skip_bias: Floats
    head_bias: Floats
    out_bias: Floats
    predicted: Floats
    spread: Floats
    spread_bias: Floats


class State(NamedTuple):
    """What the streams remember: inputs of each layer, the last class, and how far what was drawn is from the
    sketch [streams x (window + block)]."""

    rings: Floats
    last: NDArray[np.int64]
    away: Floats


class Workspace(NamedTuple):
    """What one frame is computed in, all streams side by side; `waiting` is the z of layers that skip together."""

    x: Floats
    z: Floats
    waiting: Floats
    gates: Floats
    skipped: Floats
    hidden: Floats
    scores: Floats
    fractions: Floats
    levels: NDArray[np.int64]
