"""Plans as they are drawn when a texture is, for what has to learn from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.textures.sampling_preset import usual_preset
from models.textures.spectral.plan_drawing import PlanDrawing, conditions_for, plan_weights
from models.textures.spectral.plan_sizes import PlanSizes
from models.textures.spectral.planning import EARLIER
from models.textures.training.plan import Planned

STREAMS: Final = 16
"""Of each style; every other one is told a scale."""
COLUMNS: Final = 128
COLUMNS_AT_ONCE: Final = 64


def drawn_plans(
    weights: Mapping[str, NDArray[Any]], sizes: PlanSizes, known: Sequence[Planned], seed: int, streams: int = STREAMS
) -> list[Planned]:
    """Codes of `COLUMNS` columns from the midst of plans of every style, in scales that `known` pieces have."""
    packed, rng = plan_weights(weights, sizes), np.random.default_rng([seed, 6])
    found = []
    for style, name in enumerate(sizes.styles):
        preset, own = usual_preset(name), [piece for piece in known if piece.style == style]
        for stream in range(streams):
            scale = own[int(rng.integers(len(own)))].scale if stream % 2 else np.zeros(0, np.float32)
            conditions = conditions_for(sizes, style, np.flatnonzero(scale).tolist())
            drawing = PlanDrawing(
                packed, sizes, conditions, EARLIER + COLUMNS, seed, stream, preset.temperature, preset.guidance
            )
            while not drawing.done:
                drawing.advance(COLUMNS_AT_ONCE)
            found.append(Planned(drawing.codes[EARLIER:].astype(np.int16), style, scale))
    return found
