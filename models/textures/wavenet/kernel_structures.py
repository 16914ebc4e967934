"""What the compiled drawing loop reads and writes: weights, the streams' memory, and room to compute a frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Weights(NamedTuple):
    """All that is read and never written; `matrices` flat, in the order in which they are used, float32 or the bits of
    halves.

    `embedding` [256 x C], `residual_bias` [layers x C], `skip_bias` [skip], `head_bias` [head], `out_bias` [256];
    where something is predicted, `predicted` [levels x C], `spread` [head x 2] and `spread_bias` [2].
    """

    embedding: Floats
    matrices: Floats | NDArray[np.uint16]
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
    """What one frame is computed in, a row for each stream.

    `heard` [S x 2C]: what a layer heard a dilation ago, and now; `gates` [S x 2C]; `waiting` [S x TOGETHER * C], what
    came through the gates of layers that skip together; `skipped`, `hidden`, `scores`; `room` [256]; `levels` [S] and
    the values `expected` [S] that they stand for.
    """

    heard: Floats
    gates: Floats
    waiting: Floats
    skipped: Floats
    hidden: Floats
    scores: Floats
    room: Floats
    levels: NDArray[np.int64]
    expected: NDArray[np.float64]
